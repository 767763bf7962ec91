import { describe, expect, test } from 'vitest'
import type { Mount } from '../schema/mounts.ts'
import { GardenMountError } from './errors.ts'
import { combineMounts, defaultMounts, type MountSituation } from './mounts.ts'
import { treatmentOf } from './treatment.ts'

const unprivileged: MountSituation = {
  treatment: treatmentOf({ kind: 'unprivileged' }),
  host: { cgroup: 'v1', initBinary: '/opt/init' },
  ttyGroupMapped: true,
}
const privileged: MountSituation = {
  ...unprivileged,
  treatment: treatmentOf({ kind: 'privileged', mode: 'full' }),
}
const defaults = defaultMounts(unprivileged)

function bind(destination: string, source = '/source'): Mount {
  return { source, destination, type: 'bind', options: ['bind', 'ro'] }
}

function destinations(mounts: readonly Mount[]): string[] {
  return mounts.map((mount) => mount.destination)
}

function optionsOf(mounts: readonly Mount[], destination: string): string[] | undefined {
  return mounts.find((mount) => mount.destination === destination)?.options
}

describe('defaultMounts', () => {
  test('are these, the first program last', () => {
    expect(defaults.map(({ destination, type, source }) => [destination, type, source])).toEqual([
      ['/proc', 'proc', 'proc'],
      ['/dev', 'tmpfs', 'tmpfs'],
      ['/dev/pts', 'devpts', 'devpts'],
      ['/dev/shm', 'tmpfs', 'shm'],
      ['/dev/mqueue', 'mqueue', 'mqueue'],
      ['/sys', 'sysfs', 'sysfs'],
      ['/sys/fs/cgroup', 'cgroup', 'cgroup'],
      ['/tmp/gdn-init', 'bind', '/opt/init'],
    ])
  })

  test('have these options', () => {
    expect(
      Object.fromEntries(defaults.map(({ destination, options }) => [destination, options?.join()])),
    ).toEqual({
      '/proc': 'nosuid,noexec,nodev',
      '/dev': 'nosuid,strictatime,mode=755,size=65536k',
      '/dev/pts': 'nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5',
      '/dev/shm': 'nosuid,noexec,nodev,mode=1777',
      '/dev/mqueue': 'nosuid,noexec,nodev',
      '/sys': 'nosuid,noexec,nodev,ro',
      '/sys/fs/cgroup': 'ro,nosuid,noexec,nodev',
      '/tmp/gdn-init': 'bind,ro',
    })
  })

  test('leave /sys and the cgroups writable with full privilege', () => {
    expect(optionsOf(defaultMounts(privileged), '/sys')).toEqual(['nosuid', 'noexec', 'nodev'])
    expect(optionsOf(defaultMounts(privileged), '/sys/fs/cgroup')).toEqual(['nosuid', 'noexec', 'nodev'])
  })

  test('follow the host: cgroup version 2, and terminals without a group where there is none', () => {
    const elsewhere = defaultMounts({
      ...unprivileged,
      host: { cgroup: 'v2', initBinary: '/opt/init' },
      ttyGroupMapped: false,
    })
    expect(elsewhere.find(({ destination }) => destination === '/sys/fs/cgroup')).toMatchObject({
      type: 'cgroup2',
      source: 'cgroup2',
    })
    expect(optionsOf(elsewhere, '/dev/pts')).not.toContain('gid=5')
  })
})

describe('combineMounts', () => {
  test('puts the own after the defaults, in order', () => {
    expect(destinations(combineMounts(defaults, [bind('/z'), bind('/a')]))).toEqual([
      ...destinations(defaults),
      '/z',
      '/a',
    ])
  })

  test.each(['/dev/shm', '/dev/mqueue', '/sys/fs/cgroup'])('lets an own mount replace %s', (destination) => {
    const combined = combineMounts(defaults, [bind(destination)])
    expect(combined).toHaveLength(defaults.length)
    expect(combined.at(-1)).toEqual(bind(destination))
  })

  test.each([
    ['/proc', '/proc'],
    ['/dev', '/dev'],
    ['/dev/pts', '/dev/pts'],
    ['/sys', '/sys'],
    ['/tmp/gdn-init', '/tmp/gdn-init'],
  ])('refuses an own mount on %s', (destination, standard) => {
    const combine = () => combineMounts(defaults, [bind('/fine'), bind(destination, '/bad')])
    expect(combine).toThrow(`'/bad' on '${destination}' would hide the container's own ${standard}`)
    expect(combine).toThrow(GardenMountError)
  })

  test.each(['/proc/cpuinfo', '/dev/null2', '/tmp/gdn-init2', '/tmpfoo', '/sys/fs'])(
    'takes one on %s',
    (destination) => {
      expect(destinations(combineMounts(defaults, [bind(destination)]))).toContain(destination)
    },
  )

  test('an own /tmp does not hide the first program', () => {
    expect(destinations(combineMounts(defaults, [bind('/tmp'), bind('/data')])).slice(-3)).toEqual([
      '/tmp',
      '/data',
      '/tmp/gdn-init',
    ])
  })

  test('refuses two on one destination', () => {
    expect(() => combineMounts(defaults, [bind('/a', '/one'), bind('/b'), bind('/a', '/two')])).toThrow(
      "'/two' and '/one' are both mounted on '/a': keep one",
    )
  })
})
