import { chmod, copyFile, lstat, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PackageError } from '../../host/index.ts'
import { temporaryDirectory } from '../temporary.fixture.ts'
import { unpackArchive } from '../unpack.ts'
import { listApplets } from './applets.ts'
import { buildBusyboxArchive } from './busybox-archive.ts'
import { findBusybox } from './find-busybox.ts'

const newDirectory = async (): Promise<string> => await temporaryDirectory(onTestFinished)
const program = Buffer.from('a program')
const applets = ['bin/ls', 'bin/sh', 'usr/bin/env']

/** A script that answers like a busybox. */
async function fakeBusybox(script: string): Promise<string> {
  const path = join(await newDirectory(), 'busybox')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

describe('the archive', () => {
  test('the same input gives the same bytes', () => {
    const archive = buildBusyboxArchive(program, applets)
    expect(buildBusyboxArchive(program, applets).equals(archive)).toBe(true)
    expect(buildBusyboxArchive(Buffer.from('another'), applets).equals(archive)).toBe(false)
    expect(buildBusyboxArchive(program, ['bin/sh']).equals(archive)).toBe(false)
  })

  test('unpacked, it has what programs expect', async () => {
    const directory = await newDirectory()
    await writeFile(join(directory, 'busybox.tar'), buildBusyboxArchive(program, applets))
    const rootfs = join(directory, 'rootfs')
    const { losses } = await unpackArchive(join(directory, 'busybox.tar'), rootfs)
    if (process.geteuid?.() === 0) expect(losses).toEqual([])
    expect((await readdir(rootfs)).toSorted()).toEqual([
      'bin',
      'dev',
      'etc',
      'home',
      'mnt',
      'opt',
      'proc',
      'root',
      'run',
      'srv',
      'sys',
      'tmp',
      'usr',
      'var',
    ])
    const modes = {
      tmp: 0o1777,
      root: 0o700,
      'var/tmp': 0o1777,
      bin: 0o755,
      'bin/busybox': 0o755,
      'etc/passwd': 0o644,
    }
    for (const [name, mode] of Object.entries(modes)) {
      const stats = await lstat(join(rootfs, name))
      expect(stats.mode & 0o7777, name).toBe(mode)
      expect(stats.mtimeMs, name).toBe(Date.UTC(2020, 0, 1))
    }
    const { ino } = await stat(join(rootfs, 'bin/busybox'))
    for (const name of applets) expect((await lstat(join(rootfs, name))).ino).toBe(ino)
    expect(await readFile(join(rootfs, 'etc/passwd'), 'utf8')).toMatch(/^root:x:0:0:/)
    expect(await readdir(join(rootfs, 'dev'))).toEqual([])
  })
})

describe('applets', () => {
  test('are placed where the busybox wants them', async () => {
    const busybox = await fakeBusybox(
      '[ "$1" = --list-full ] && printf "sbin/init\\nbin/sh\\nusr/bin/[\\nbin/busybox\\nbin/sh\\n"',
    )
    expect(await listApplets('busybox', busybox)).toEqual(['bin/sh', 'sbin/init', 'usr/bin/['])
  })

  test.each([
    ['fails', 'exit 1'],
    ['is not known and lists names', 'printf "[\\n[[\\nls\\nsh\\n"'],
  ])('are placed in bin when the full list %s', async (_, full) => {
    const busybox = await fakeBusybox(
      `[ "$1" = --list ] || { ${full}; exit; }; printf "[\\n[[\\nls\\nsh\\nbusybox\\n"`,
    )
    expect(await listApplets('busybox', busybox)).toEqual(['bin/[', 'bin/[[', 'bin/ls', 'bin/sh'])
  })

  test('a path that leads elsewhere is dropped', async () => {
    const busybox = await fakeBusybox(
      'printf "bin/sh\\n../../etc/evil\\n/abs\\nbin/..\\nbin/a b\\nbin/\\033[31m\\nlinuxrc\\n"',
    )
    expect(await listApplets('busybox', busybox)).toEqual(['bin/sh', 'linuxrc'])
  })

  test('one that does not run, or has no shell, is said to be useless', async () => {
    for (const script of ['exit 127', 'printf "bin/ls\\n"']) {
      await expect(listApplets('busybox', await fakeBusybox(script))).rejects.toMatchObject({
        code: 'BUSYBOX_NOT_FOUND',
      })
    }
  })
})

describe('finding a busybox', () => {
  const offline = async (): Promise<string> => await Promise.reject(new PackageError('there is no network'))

  /** The smallest file whose ELF header says that it is a program for this machine without an interpreter. */
  async function staticProgram(): Promise<string> {
    const node = await open(process.execPath)
    const header = Buffer.alloc(64)
    await node.read(header, 0, 64, 0).finally(async () => await node.close())
    // No program headers: nothing that could name an interpreter.
    header.fill(0, 54, 60)
    const path = join(await newDirectory(), 'any-name')
    await writeFile(path, header, { mode: 0o755 })
    return path
  }

  test('the first static program is taken, whatever its name; a dynamic one never', async () => {
    const dynamic = join(await newDirectory(), 'busybox-static')
    await copyFile(process.execPath, dynamic)
    const found = await staticProgram()
    expect(await findBusybox('busybox', { installed: [dynamic, found], download: offline })).toBe(found)
    expect(
      await findBusybox('busybox', {
        installed: [dynamic],
        download: async () => await Promise.resolve(found),
      }),
    ).toBe(found)
  })

  test('a downloaded one must be static too', async () => {
    const download = async (): Promise<string> => await Promise.resolve(process.execPath)
    await expect(findBusybox('busybox', { installed: [], download })).rejects.toMatchObject({
      code: 'BUSYBOX_NOT_FOUND',
    })
  })

  test('one that is not to be had is an error with a remedy', async () => {
    const error = await findBusybox('busybox', { installed: [], download: offline }).catch(
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({
      code: 'BUSYBOX_NOT_FOUND',
      message: expect.stringContaining('there is no network'),
    })
  })
})
