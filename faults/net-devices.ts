import { before, type Effect, type Fault } from '../harness/fault/index.ts'
import type { NetDevice } from '../harness/spec/index.ts'
import { filesChanged, linuxChanged } from './configurations.ts'

const area = 'net-devices'

/** Every listed interface with a change made in place; its key is the name on the host. */
function everyInterface(change: (device: NetDevice, name: string) => void): Effect {
  return linuxChanged(({ netDevices = {} }) => {
    for (const [name, device] of Object.entries(netDevices)) change(device, name)
  })
}

/** What a runtime may do to an interface that it has moved, by the words of `ip`. */
const changes: Readonly<
  Record<string, { readonly words: string; readonly violates: string; readonly sentence: string }>
> = {
  'mtu-lost': {
    words: 'link set strange mtu 1500',
    violates: 'netdevices-preserve-attributes',
    sentence: 'The runtime gives a moved interface the usual largest size of a packet.',
  },
  'hardware-address-lost': {
    words: 'link set strange address 02:00:00:00:99:99',
    violates: 'netdevices-preserve-attributes',
    sentence: 'The runtime gives a moved interface another hardware address.',
  },
  'addresses-lost': {
    words: 'address flush dev strange',
    violates: 'netdevices-preserve-attributes',
    sentence: 'The runtime loses the addresses of a moved interface.',
  },
  'ipv6-address-lost': {
    words: '-6 address flush dev strange scope global',
    violates: 'netdevices-preserve-attributes',
    sentence: 'The runtime keeps the addresses of a moved interface only of IPv4.',
  },
  'left-down': {
    words: 'link set strange down',
    violates: 'netdevices-set-up',
    sentence: 'The runtime leaves a moved interface down.',
  },
}

export const netDevices: readonly Fault[] = [
  {
    id: 'net-devices-dropped',
    area,
    violates: ['netdevices-available'],
    sentence: 'The runtime moves no interface.',
    effect: linuxChanged((linux) => {
      delete linux.netDevices
    }),
  },
  {
    id: 'net-device-not-renamed',
    area,
    violates: ['netdevices-name-optional'],
    sentence: 'The runtime moves an interface under its own name when another is asked for.',
    effect: everyInterface((device) => {
      delete device.name
    }),
  },
  {
    id: 'net-device-always-renamed',
    area,
    violates: ['netdevices-name-optional'],
    sentence: 'The runtime gives an interface a name of its own when none is asked for.',
    effect: everyInterface((device) => {
      device.name ??= 'eth%d'
    }),
  },
  {
    id: 'net-device-name-template-cut',
    area,
    violates: ['netdevices-name-template-allowed'],
    sentence: 'The runtime takes %d out of the name of an interface.',
    effect: everyInterface((device) => {
      if (device.name !== undefined) device.name = device.name.replace('%d', '')
    }),
  },
  ...Object.entries(changes).map(
    ([name, { words, violates, sentence }]): Fault => ({
      id: `net-device-${name}`,
      area,
      violates: [violates],
      sentence,
      effect: filesChanged(`ip ${words} 2>&1 || :`),
    }),
  ),
  {
    id: 'net-device-that-is-missing-passed-over',
    area,
    violates: ['netdevices-movability-checked'],
    sentence: 'The runtime passes over an interface that does not exist.',
    effect: linuxChanged((linux) => {
      if (linux.netDevices?.['nosuchinterface'] !== undefined) delete linux.netDevices
    }),
  },
  {
    id: 'net-devices-without-namespace-passed-over',
    area,
    violates: ['netdevices-movability-checked'],
    sentence: 'The runtime moves no interface when the container has no network namespace.',
    effect: linuxChanged((linux) => {
      if (linux.namespaces?.some(({ type }) => type === 'network') !== true) delete linux.netDevices
    }),
  },
  {
    id: 'net-device-name-clash-avoided',
    area,
    violates: ['netdevices-name-clash-errors'],
    sentence: 'The runtime gives an interface another name when the one that is asked for is taken.',
    effect: everyInterface((device) => {
      if (device.name === 'taken') device.name = 'taken%d'
    }),
  },
  {
    id: 'net-device-managed-after-creation',
    area,
    violates: ['netdevices-no-lifecycle-management'],
    sentence: 'The runtime restores the attributes of a moved interface when the container is started.',
    effect: before('start', 'nsenter --target "$PID" --net ip link set strange mtu 1432 2>&1 || :'),
  },
  {
    id: 'net-device-moved-back',
    area,
    violates: ['netdevices-no-move-back'],
    sentence: 'The runtime takes a moved interface back when the container is killed.',
    effect: before('kill', 'nsenter --target "$PID" --net ip link set strange netns $$ 2>&1 || :'),
  },
]
