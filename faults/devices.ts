import type { Effect, Fault } from '../harness/fault/index.ts'
import type { Device, Mount } from '../harness/spec/index.ts'
import {
  changed,
  everyMount,
  filesChanged,
  given,
  linuxChanged,
  objectsChanged,
  onlyObjects,
} from './configurations.ts'

const area = 'devices'
const listed = ['linux', 'devices']

/** Every listed device with a change made in place. */
function everyDevice(change: (device: Device) => void): Effect {
  return linuxChanged(({ devices = [] }) => {
    for (const device of devices) change(device)
  })
}

function onlyDevices(keeps: (device: Device, index: number) => boolean): Effect {
  return linuxChanged((linux) => {
    if (linux.devices !== undefined) linux.devices = linux.devices.filter(keeps)
  })
}

/** Devices that every container has, each with the numbers of another. */
const defaultDevices: Readonly<Record<string, string>> = {
  null: '1 5',
  zero: '1 7',
  full: '1 5',
  random: '1 3',
  urandom: '1 5',
  tty: '1 3',
}

function faultsOfDefault(name: string, numbers: string): readonly Fault[] {
  const violates = [`default-device-${name}`]
  return [
    {
      id: `default-device-${name}-missing`,
      area,
      violates,
      sentence: `The runtime makes no /dev/${name}.`,
      effect: filesChanged(`rm dev/${name}`),
    },
    {
      id: `default-device-${name}-of-other-numbers`,
      area,
      violates,
      sentence: `The runtime makes /dev/${name} with the numbers of another device.`,
      effect: filesChanged(`rm dev/${name}; mknod -m 666 dev/${name} c ${numbers}`),
    },
    {
      id: `default-device-${name}-only-for-root`,
      area,
      violates,
      sentence: `The runtime lets nobody but root use /dev/${name}.`,
      effect: filesChanged(`chmod 600 dev/${name}`),
    },
  ]
}

/** Links that every container has, each with where else a runtime may let it lead. */
const links: Readonly<Record<string, string>> = {
  fd: '/proc/1/fd',
  stdin: '/proc/self/fd/1',
  stdout: '/proc/self/fd/2',
  stderr: '/proc/self/fd/1',
}

function faultsOfLink(name: string, target: string): readonly Fault[] {
  const violates = [`dev-symlink-${name}`]
  return [
    {
      id: `dev-${name}-missing`,
      area,
      violates,
      sentence: `The runtime makes no link /dev/${name}.`,
      effect: filesChanged(`rm dev/${name}`),
    },
    {
      id: `dev-${name}-leads-elsewhere`,
      area,
      violates,
      sentence: `The runtime lets /dev/${name} lead to ${target}.`,
      effect: filesChanged(`ln -sfn ${target} dev/${name}`),
    },
  ]
}

/** What may lie at the path of a device, by the mount that puts it there. */
const occupants: Readonly<Record<string, (mount: Mount) => boolean>> = {
  'a regular file': ({ source = '', type }) => type === 'none' && !source.startsWith('/dev/'),
  'a directory': ({ type }) => type === 'tmpfs',
  'another device': ({ source = '' }) => source === '/dev/zero',
}

function faultOfOccupant(what: string, isOccupant: (mount: Mount) => boolean): Fault {
  return {
    id: `device-at-${what.replace(/^an? /, '').replaceAll(' ', '-')}-passed-over`,
    area,
    violates: ['devices-existing-mismatch-errors'],
    sentence: `The runtime passes over a device at whose path there is ${what}.`,
    effect: changed(({ linux, mounts = [] }) => {
      const occupied = new Set(mounts.filter(isOccupant).map(({ destination }) => destination))
      if (linux?.devices !== undefined)
        linux.devices = linux.devices.filter(({ path }) => !occupied.has(path))
    }),
  }
}

/** Members that a device has to have unless it is a fifo: what a runtime may take for none, and the test that minds. */
const required: Readonly<Record<string, { readonly instead: string | number; readonly test: string }>> = {
  type: { instead: 'c', test: 'create-refuses-a-device-without-a-type' },
  major: { instead: 0, test: 'create-refuses-a-device-without-a-major-number' },
  minor: { instead: 0, test: 'create-refuses-a-device-without-a-minor-number' },
}

export const devices: readonly Fault[] = [
  ...Object.entries(defaultDevices).flatMap(([name, numbers]) => faultsOfDefault(name, numbers)),
  {
    id: 'default-device-ptmx-of-its-own',
    area,
    violates: ['default-device-ptmx'],
    sentence: 'The runtime makes a device of its own at /dev/ptmx instead of that of /dev/pts.',
    effect: filesChanged('rm dev/ptmx; mknod -m 666 dev/ptmx c 5 2'),
  },
  {
    id: 'default-device-ptmx-missing',
    area,
    violates: ['default-device-ptmx'],
    sentence: 'The runtime makes no /dev/ptmx.',
    effect: filesChanged('rm dev/ptmx'),
  },
  {
    id: 'pseudo-terminals-of-host',
    area,
    violates: ['default-device-ptmx'],
    sentence: 'The runtime lets a container see the pseudo terminals of the host.',
    effect: everyMount((mount) => {
      if (mount.destination === '/dev/pts')
        Object.assign(mount, { type: 'none', source: '/dev/pts', options: ['bind'] })
    }),
  },
  ...Object.entries(links).flatMap(([name, target]) => faultsOfLink(name, target)),

  // Listed devices.
  {
    id: 'devices-dropped',
    area,
    violates: ['devices-available'],
    sentence: 'The runtime makes none of the listed devices.',
    effect: onlyDevices(() => false),
  },
  {
    id: 'devices-only-first',
    area,
    violates: ['devices-available'],
    sentence: 'The runtime makes only the first of the listed devices.',
    effect: onlyDevices((_, index) => index === 0),
  },
  {
    id: 'devices-required',
    area,
    violates: ['devices-optional'],
    sentence: 'The runtime makes no /dev/zero unless there is a list of devices.',
    effect: given(({ linux }) => linux?.devices === undefined, filesChanged('rm dev/zero')),
  },
  {
    id: 'device-fifo-passed-over',
    area,
    violates: ['devices-available', 'devices-major-minor-required'],
    sentence: 'The runtime makes no fifo that is listed, because it has no numbers.',
    effect: onlyDevices(({ type }) => type !== 'p'),
  },
  {
    id: 'device-unbuffered-passed-over',
    area,
    violates: ['devices-available'],
    sentence: 'The runtime makes no unbuffered character device that is listed.',
    effect: onlyDevices(({ type }) => type !== 'u'),
  },
  {
    id: 'device-block-is-character',
    area,
    violates: ['devices-available'],
    sentence: 'The runtime makes a character device of a block device.',
    effect: everyDevice((device) => {
      if (device.type === 'b') device.type = 'c'
    }),
  },
  {
    id: 'device-minor-cut-to-a-byte',
    area,
    violates: ['devices-available'],
    sentence: 'The runtime keeps a byte of the minor number of a device.',
    effect: everyDevice((device) => {
      if (device.minor !== undefined) device.minor = Number(device.minor) % 256
    }),
  },
  {
    id: 'device-numbers-swapped',
    area,
    violates: ['devices-available'],
    sentence:
      'The runtime takes the major number of a character device for the minor number, and the other way round.',
    effect: everyDevice((device) => {
      const { type, major, minor } = device
      if (type === 'c' && major !== undefined && minor !== undefined)
        Object.assign(device, { major: minor, minor: major })
    }),
  },
  {
    id: 'device-outside-of-dev-passed-over',
    area,
    violates: ['devices-path-anywhere'],
    sentence: 'The runtime makes no device outside of /dev.',
    effect: onlyDevices(({ path }) => path.startsWith('/dev/')),
  },
  {
    id: 'device-directory-not-made',
    area,
    violates: ['devices-path-anywhere'],
    sentence: 'The runtime makes no device for which a directory below /dev has to be made.',
    effect: onlyDevices(({ path }) => !/^\/dev\/.*\//.test(path)),
  },

  // What else they have.
  {
    id: 'device-mode-lost',
    area,
    violates: ['devices-filemode-optional'],
    sentence: 'The runtime leaves the file mode of a device out.',
    effect: everyDevice((device) => {
      delete device.fileMode
    }),
  },
  {
    id: 'device-mode-below-umask',
    area,
    violates: ['devices-filemode-optional'],
    sentence: 'The runtime makes devices with what the usual umask lets through of their mode.',
    effect: everyDevice((device) => {
      if (device.fileMode !== undefined) device.fileMode &= ~0o022
    }),
  },
  {
    id: 'device-mode-lost-for-fifo',
    area,
    violates: ['devices-filemode-optional'],
    sentence: 'The runtime leaves the file mode of a fifo out.',
    effect: everyDevice((device) => {
      if (device.type === 'p') delete device.fileMode
    }),
  },
  {
    id: 'device-mode-gains-reading',
    area,
    violates: ['devices-filemode-optional'],
    sentence: 'The runtime lets the owner of a device read it in any case.',
    effect: everyDevice((device) => {
      if (device.fileMode !== undefined) device.fileMode |= 0o400
    }),
  },
  {
    id: 'device-user-lost',
    area,
    violates: ['devices-uid-optional'],
    sentence: 'The runtime leaves the user of a device out.',
    effect: everyDevice((device) => {
      delete device.uid
    }),
  },
  {
    id: 'device-user-lost-for-block-devices',
    area,
    violates: ['devices-uid-optional'],
    sentence: 'The runtime leaves the user of a block device out.',
    effect: everyDevice((device) => {
      if (device.type === 'b') delete device.uid
    }),
  },
  {
    id: 'device-group-lost',
    area,
    violates: ['devices-gid-optional'],
    sentence: 'The runtime leaves the group of a device out.',
    effect: everyDevice((device) => {
      delete device.gid
    }),
  },
  {
    id: 'device-group-follows-user',
    area,
    violates: ['devices-uid-optional'],
    sentence: 'The runtime takes the user of a device for its group when it is given no group.',
    effect: everyDevice((device) => {
      if (device.uid !== undefined) device.gid ??= device.uid
    }),
  },
  {
    id: 'device-user-follows-group',
    area,
    violates: ['devices-gid-optional'],
    sentence: 'The runtime takes the group of a device for its user when it is given no user.',
    effect: everyDevice((device) => {
      if (device.gid !== undefined) device.uid ??= device.gid
    }),
  },
  {
    id: 'device-owners-swapped',
    area,
    violates: ['devices-uid-optional', 'devices-gid-optional'],
    sentence:
      'The runtime takes the user of a device for its group and the group for its user where it has both.',
    effect: everyDevice((device) => {
      const { uid, gid } = device
      if (uid !== undefined && gid !== undefined) Object.assign(device, { uid: gid, gid: uid })
    }),
  },

  // What is to be refused.
  ...Object.entries(required).map(
    ([name, { instead, test }]): Fault => ({
      id: `device-without-${name}-taken-for-${instead}`,
      area,
      violates: [],
      tests: [`devices/${test}`],
      sentence: `The runtime takes ${instead} for the ${name} of a device that has none.`,
      effect: objectsChanged(listed, (device) => {
        if (device['type'] !== 'p') device[name] ??= instead
      }),
    }),
  ),
  {
    id: 'device-without-numbers-passed-over',
    area,
    violates: [],
    tests: ['devices/create-refuses-a-device-without-any-number'],
    sentence: 'The runtime passes over a device that has neither number.',
    effect: onlyObjects(
      listed,
      ({ type, major, minor }) => type === 'p' || major !== undefined || minor !== undefined,
    ),
  },
  {
    id: 'device-of-unknown-type-passed-over',
    area,
    violates: ['devices-type-required'],
    sentence: 'The runtime passes over a device of a type that does not exist.',
    effect: onlyObjects(listed, ({ type }) => type !== 'z'),
  },
  {
    id: 'device-without-path-passed-over',
    area,
    violates: [],
    tests: ['devices/create-refuses-a-device-without-a-path'],
    sentence: 'The runtime passes over a device that has no path.',
    effect: onlyObjects(listed, ({ path }) => path !== undefined),
  },
  {
    id: 'device-with-empty-path-passed-over',
    area,
    violates: [],
    tests: ['devices/create-refuses-a-device-with-an-empty-path'],
    sentence: 'The runtime passes over a device whose path is empty.',
    effect: onlyObjects(listed, ({ path }) => path !== ''),
  },
  ...Object.entries(occupants).map(([what, isOccupant]) => faultOfOccupant(what, isOccupant)),
]
