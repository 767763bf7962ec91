import type { Fault } from '../harness/fault/index.ts'
import type { Linux } from '../harness/spec/index.ts'
import { linuxChanged, objectsChanged } from './configurations.ts'

type Propagation = NonNullable<Linux['rootfsPropagation']>

const violates = ['rootfspropagation-optional']

const seenAs = (propagation: string) =>
  `rootfs-propagation/rootfs-propagation-${propagation}-is-what-the-kernel-says-of-the-root-mount`

const laterMountArrives =
  'rootfs-propagation/with-rootfs-propagation-slave-a-later-mount-of-the-host-arrives-in-the-container'

const laterMountWith = (propagation: string) =>
  `rootfs-propagation/a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-${propagation}`

/** Propagations, each with those that a runtime may take it for. */
const mistaken: Readonly<Record<Propagation, readonly Propagation[]>> = {
  shared: ['slave', 'private'],
  slave: ['private', 'unbindable'],
  private: ['slave', 'unbindable'],
  unbindable: ['private', 'slave'],
}

export const rootfsPropagation: readonly Fault[] = [
  ...Object.entries(mistaken).flatMap(([name, others]) =>
    others.map(
      (other): Fault => ({
        id: `rootfs-propagation-${name}-is-${other}`,
        area: 'rootfs-propagation',
        violates: [],
        tests: name === 'slave' ? [seenAs(name), laterMountArrives] : [seenAs(name)],
        requires: [seenAs(other)],
        sentence: `The runtime takes the rootfs propagation ${name} for ${other}.`,
        effect: linuxChanged((linux) => {
          if (linux.rootfsPropagation === name) linux.rootfsPropagation = other
        }),
      }),
    ),
  ),
  ...['private', 'unbindable'].map(
    (name): Fault => ({
      id: `rootfs-propagation-${name}-lets-mounts-in`,
      area: 'rootfs-propagation',
      violates: [],
      tests: [laterMountWith(name)],
      sentence: `The runtime lets later mounts of the host into a container whose root file system is to be ${name}.`,
      effect: linuxChanged((linux) => {
        if (linux.rootfsPropagation === name) linux.rootfsPropagation = 'slave'
      }),
    }),
  ),
  {
    id: 'rootfs-propagation-dropped',
    area: 'rootfs-propagation',
    violates,
    sentence: 'The runtime leaves the rootfs propagation out.',
    effect: linuxChanged((linux) => {
      delete linux.rootfsPropagation
    }),
  },
  {
    id: 'rootfs-propagation-unknown-is-private',
    area: 'rootfs-propagation',
    violates,
    sentence: 'The runtime takes a rootfs propagation that it does not know for private.',
    effect: objectsChanged(['linux'], (linux) => {
      const given = linux['rootfsPropagation']
      if (typeof given === 'string' && !(given in mistaken)) linux['rootfsPropagation'] = 'private'
    }),
  },
]
