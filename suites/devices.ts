import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObservedFile } from '../harness/probe/index.ts'
import { fileFormat, parseFiles } from '../harness/probe/index.ts'
import {
  addBindMount,
  addDevice,
  addTmpfs,
  combine,
  type Device,
  type Edit,
  readonlyRoot,
  withUser,
  withValue,
} from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { shell, sleeping } from './programs.ts'

/** The devices that every container has, and what shows that a user can make use of each. */
const defaultDevices: Readonly<
  Record<string, { readonly major: number; readonly minor: number; readonly use?: string }>
> = {
  null: { major: 1, minor: 3, use: 'echo text >/dev/null && [ "$(wc -c </dev/null)" -eq 0 ]' },
  zero: { major: 1, minor: 5, use: '[ "$(head -c 3 /dev/zero | od -An -tx1 | tr -d " ")" = 000000 ]' },
  full: { major: 1, minor: 7, use: 'head -c 1 /dev/full | wc -c && ! echo text >/dev/full' },
  random: { major: 1, minor: 8, use: '[ "$(head -c 8 /dev/random | wc -c)" -eq 8 ]' },
  urandom: { major: 1, minor: 9, use: '[ "$(head -c 8 /dev/urandom | wc -c)" -eq 8 ]' },
  tty: { major: 5, minor: 0 },
}

const links: Readonly<Record<string, string>> = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
}

/** Numbers that no driver has: a node with them is there and harmless. */
const major = 3_000

/** What is seen of a device that is listed, beside its path. */
interface Listed {
  readonly device: Omit<Device, 'path'>
  readonly seen: Partial<ObservedFile>
}

const listed: Readonly<Record<string, Listed>> = {
  'a character device': {
    device: { type: 'c', major, minor: 11 },
    seen: { kind: 'character device', major, minor: 11 },
  },
  'an unbuffered character device': {
    device: { type: 'u', major, minor: 12 },
    seen: { kind: 'character device', major, minor: 12 },
  },
  'a block device': {
    device: { type: 'b', major, minor: 13 },
    seen: { kind: 'block device', major, minor: 13 },
  },
  'a fifo': { device: { type: 'p' }, seen: { kind: 'fifo' } },
  'a device whose minor number takes more than a byte': {
    device: { type: 'c', major, minor: 70_000 },
    seen: { kind: 'character device', major, minor: 70_000 },
  },
}

/** Properties that are optional to give, each with a value that no device has by default. */
const owned: Readonly<Record<string, Listed & { readonly covers: readonly string[] }>> = {
  'the file mode': {
    covers: ['devices-filemode-optional'],
    // More than the caller's umask lets through.
    device: { type: 'c', major, minor: 21, fileMode: 0o626 },
    seen: { mode: 0o626 },
  },
  'a file mode without any permission': {
    covers: ['devices-filemode-optional'],
    device: { type: 'c', major, minor: 22, fileMode: 0o200 },
    seen: { mode: 0o200 },
  },
  'the file mode of a fifo': {
    covers: ['devices-filemode-optional'],
    device: { type: 'p', fileMode: 0o622 },
    seen: { kind: 'fifo', mode: 0o622 },
  },
  'the user and not the group': {
    covers: ['devices-uid-optional'],
    device: { type: 'c', major, minor: 23, fileMode: 0o600, uid: 1234 },
    seen: { uid: 1234, gid: 0 },
  },
  'the group and not the user': {
    covers: ['devices-gid-optional'],
    device: { type: 'c', major, minor: 24, fileMode: 0o600, gid: 2345 },
    seen: { uid: 0, gid: 2345 },
  },
  'the user and the group of a block device': {
    covers: ['devices-uid-optional', 'devices-gid-optional'],
    device: { type: 'b', major, minor: 25, fileMode: 0o600, uid: 1235, gid: 2346 },
    seen: { kind: 'block device', uid: 1235, gid: 2346 },
  },
}

/** Entries that describe no device, each with the one fault named. */
const faults: Readonly<Record<string, { readonly covers: string; readonly entry: object }>> = {
  'without a type': {
    covers: 'devices-type-required',
    entry: { path: '/dev/faulty', major, minor: 31 },
  },
  'of a type that does not exist': {
    covers: 'devices-type-required',
    entry: { path: '/dev/faulty', type: 'z', major, minor: 31 },
  },
  'without a path': { covers: 'devices-path-required', entry: { type: 'c', major, minor: 31 } },
  'with an empty path': { covers: 'devices-path-required', entry: { path: '', type: 'c', major, minor: 31 } },
  'without a major number': {
    covers: 'devices-major-minor-required',
    entry: { path: '/dev/faulty', type: 'c', minor: 31 },
  },
  'without a minor number': {
    covers: 'devices-major-minor-required',
    entry: { path: '/dev/faulty', type: 'c', major },
  },
  'without any number': { covers: 'devices-major-minor-required', entry: { path: '/dev/faulty', type: 'b' } },
}

/** What may lie at the path of a device, as an edit that puts it there. */
const occupants: Readonly<Record<string, (directory: string) => Edit>> = {
  'a regular file': (directory) => addBindMount(join(directory, 'file'), '/dev/occupied'),
  'a directory': () => addTmpfs('/dev/occupied'),
  'a device of another number': () => addBindMount('/dev/zero', '/dev/occupied'),
}

function nameOf(description: string): string {
  return description.replaceAll(/\W+/g, '-')
}

export const devices = suite('devices', ({ test }) => {
  for (const [name, { use, ...numbers }] of Object.entries(defaultDevices)) {
    test(`/dev/${name} is there without being configured`, {
      covers: [`default-device-${name}`, 'devices-optional'],
      needs: ['usable-devices'],
    }, async ({ observe, expect }) => {
      const inside = await observe('default')
      expect(inside.devices.get(`/dev/${name}`)).toMatchObject({
        kind: 'character device',
        ...numbers,
        mode: 0o666,
      })
    })

    if (use === undefined) continue
    test(`a user who is not root can use /dev/${name}`, {
      covers: [`default-device-${name}`],
      needs: ['other-ids'],
    }, async ({ bundles, runtime, expect }) => {
      const script = `(${use}) >&2 2>/dev/null && echo usable`
      const bundle = await bundles.busybox(`using-${name}`, shell(script), withUser({ uid: 1234, gid: 2345 }))
      expect(await runtime.run(bundle)).toHavePrinted('usable\n')
    })
  }

  test('/dev/ptmx is that of the pseudo terminals of the container', {
    covers: ['default-device-ptmx'],
  }, async ({ bundles, runtime, expect }) => {
    const script = `stat -L -c '%F %t:%T' /dev/ptmx
      [ "$(stat -L -c %d:%i /dev/ptmx)" = "$(stat -c %d:%i /dev/pts/ptmx)" ] && echo same
      ls /dev/pts; exec 3<>/dev/ptmx; echo opened; ls /dev/pts`
    const result = await runtime.run(await bundles.busybox('ptmx', shell(script)))
    expect(result).toHavePrinted('character special file 5:2\nsame\nptmx\nopened\n0\nptmx\n')
  })

  for (const [name, target] of Object.entries(links)) {
    test(`/dev/${name} links to ${target}`, { covers: [`dev-symlink-${name}`] }, async ({
      observe,
      expect,
    }) => {
      const inside = await observe('default')
      expect(inside.devices.get(`/dev/${name}`)).toMatchObject({ kind: 'link', target })
    })
  }

  for (const [description, { device, seen }] of Object.entries(listed)) {
    test(`${description} that is listed is available in the container`, {
      covers: [
        'devices-available',
        'devices-path-required',
        device.type === 'p' ? 'devices-major-minor-required' : 'devices-type-required',
      ],
      needs: ['device-nodes'],
    }, async ({ observe, expect }) => {
      const path = '/dev/listed'
      const inside = await observe(nameOf(description), addDevice({ path, ...device }))
      expect(inside.devices.get(path)).toMatchObject(seen)
    })
  }

  test('several listed devices are all available', {
    covers: ['devices-available'],
    needs: ['device-nodes'],
  }, async ({ observe, expect }) => {
    const minors = [41, 42, 43]
    const nodes = minors.map((minor): Device => ({ path: `/dev/node-${minor}`, type: 'c', major, minor }))
    const inside = await observe('several', addDevice(...nodes))
    for (const minor of minors)
      expect(inside.devices.get(`/dev/node-${minor}`)).toMatchObject({ major, minor })
  })

  for (const [description, { covers, device, seen }] of Object.entries(owned)) {
    test(`a listed device can be given ${description}`, { covers, needs: ['device-nodes'] }, async ({
      observe,
      expect,
    }) => {
      const path = '/dev/owned'
      const inside = await observe(nameOf(description), addDevice({ path, ...device }))
      expect(inside.devices.get(path)).toMatchObject(seen)
    })
  }

  for (const [description, path] of Object.entries({
    'in a directory below /dev that does not exist yet': '/dev/new/deeper/node',
    'in a directory outside of /dev that does not exist yet': '/new/deeper/node',
  })) {
    test(`a listed device can lie ${description}`, {
      covers: ['devices-available', 'devices-path-anywhere'],
    }, async ({ bundles, runtime, expect }) => {
      const filter = combine(
        readonlyRoot(false),
        addDevice({ path, type: 'c', major, minor: 51, fileMode: 0o640, uid: 7, gid: 8 }),
      )
      const result = await runtime.run(
        await bundles.busybox(nameOf(description), ['stat', '-c', fileFormat, path], filter),
      )
      expect(parseFiles(result.stdout)).toMatchObject([
        { path, kind: 'character device', major, minor: 51, mode: 0o640, uid: 7, gid: 8 },
      ])
    })
  }

  for (const [description, { covers, entry }] of Object.entries(faults)) {
    test(`create refuses a device ${description}`, { covers: [covers], needs: ['device-nodes'] }, async ({
      bundles,
      runtime,
      control,
      expect,
    }) => {
      const whole: Device = { path: '/dev/faulty', type: 'c', major, minor: 31 }
      await control('a device without the fault is accepted', async () =>
        runtime.create(await bundles.busybox('whole', sleeping, addDevice(whole))),
      )
      const fault = withValue('linux.devices', [entry])
      await expect(runtime.create(await bundles.busybox(nameOf(description), sleeping, fault))).toBeRefused()
    })
  }

  for (const [description, occupy] of Object.entries(occupants)) {
    test(`create refuses a device at whose path there is ${description}`, {
      covers: ['devices-existing-mismatch-errors'],
      needs: ['device-nodes'],
    }, async ({ bundles, runtime, control, temporaryDirectory, expect }) => {
      const directory = await temporaryDirectory()
      await writeFile(join(directory, 'file'), '')
      const device = addDevice({ path: '/dev/occupied', type: 'c', major: 1, minor: 3 })
      await control('it is accepted where the path is free, or has the very device', async () => {
        await runtime.create(await bundles.busybox('free', sleeping, device))
        const same = combine(addBindMount('/dev/null', '/dev/occupied'), device)
        await runtime.create(await bundles.busybox('same-device', sleeping, same))
      })
      const bundle = await bundles.busybox(nameOf(description), sleeping, combine(occupy(directory), device))
      await expect(runtime.create(bundle)).toBeRefused()
    })
  }
})
