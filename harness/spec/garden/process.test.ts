import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GardenContainer } from './container.ts'
import { GardenProcessError, GardenUserError } from './errors.ts'
import { type GardenProcess, gardenToOciProcess } from './process.ts'

let directory = ''
let container: GardenContainer

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-passwd-'))
  await mkdir(join(directory, 'rootfs/etc'), { recursive: true })
  await writeFile(
    join(directory, 'rootfs/etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nbroken:x:one:1::/:/bin/sh\nbuilder:x:1000:1001::/home/builder:/bin/sh\n',
  )
  container = {
    handle: 'a',
    rootFSPath: `raw://${directory}/rootfs`,
    env: ['A=container'],
    rlimits: { RLIMIT_CORE: { soft: 1, hard: 2 }, RLIMIT_STACK: { soft: 3, hard: 4 } },
  }
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function processOf(process: Partial<GardenProcess>) {
  return gardenToOciProcess(container, { path: 'sh', ...process })
}

describe('gardenToOciProcess', () => {
  test('is root in / without a terminal, when nobody says otherwise', () => {
    expect(processOf({ args: ['-c', 'true'] })).toMatchObject({
      args: ['sh', '-c', 'true'],
      cwd: '/',
      terminal: false,
      user: { uid: 0, gid: 0 },
      env: ['A=container', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      noNewPrivileges: true,
      rlimits: [
        { type: 'RLIMIT_STACK', soft: 3, hard: 4 },
        { type: 'RLIMIT_CORE', soft: 1, hard: 2 },
        { type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 },
      ],
    })
  })

  test('looks a user up in the container, and says who it is', () => {
    const { user, env } = processOf({ user: 'builder', env: ['A=process'] })
    expect(user).toEqual({ uid: 1000, gid: 1001 })
    expect(env).toEqual(['A=container', 'A=process', 'USER=builder', 'PATH=/usr/local/bin:/usr/bin:/bin'])
  })

  test('takes ids as they are', () => {
    const user = { uid: 7, gid: 8, additionalGids: [9] }
    const process = processOf({ user })
    expect(process.user).toEqual(user)
    expect(process.env?.at(-1)).toBe('PATH=/usr/local/bin:/usr/bin:/bin')
    expect(process.env?.join()).not.toContain('USER=')
  })

  test('has a terminal of a size, a directory and limits of its own', () => {
    const process = processOf({
      terminal: { columns: 91, rows: 33 },
      dir: '/srv',
      rlimits: { RLIMIT_CORE: { soft: 5, hard: 6 } },
    })
    expect(process).toMatchObject({
      terminal: true,
      consoleSize: { width: 91, height: 33 },
      cwd: '/srv',
      rlimits: [
        { type: 'RLIMIT_STACK' },
        { type: 'RLIMIT_CORE', soft: 5, hard: 6 },
        { type: 'RLIMIT_NOFILE' },
      ],
    })
  })

  test.each(['nobody', 'broken', ''])('does not know the user %j', (user) => {
    expect(() => processOf({ user })).toThrow(`user '${user}' not found: no matching entries in /etc/passwd`)
    expect(() => processOf({ user })).toThrow(GardenUserError)
  })

  test('has no users without an /etc/passwd', async () => {
    await rm(join(directory, 'rootfs/etc/passwd'))
    expect(() => processOf({ user: 'root' })).toThrow(
      "user 'root' not found: no matching entries in /etc/passwd",
    )
  })

  test('does not follow /etc/passwd out of the container', async () => {
    await rm(join(directory, 'rootfs/etc/passwd'))
    await symlink('/etc/passwd', join(directory, 'rootfs/etc/passwd'))
    expect(() => processOf({ user: 'root' })).toThrow('leads out of it, to /etc/passwd')
  })

  test.each([-1, 1.5, 2 ** 32 - 1])('refuses %d as an id', (uid) => {
    expect(() => processOf({ user: { uid, gid: 0 } })).toThrow(`${uid} is not an id of a user or group`)
  })

  test('refuses no program, and a directory that is not absolute', () => {
    expect(() => processOf({ path: '' })).toThrow(GardenProcessError)
    expect(() => processOf({ dir: 'srv' })).toThrow("dir of the process must be absolute: 'srv'")
  })
})
