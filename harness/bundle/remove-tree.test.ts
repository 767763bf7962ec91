import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readMounts } from '../host/index.ts'
import { mountFor, temporaryDirectory } from './registry.fixture.ts'
import { removeTree } from './remove-tree.ts'

const isRoot = process.geteuid?.() === 0

describe('removeTree', () => {
  test('removes every kind of file and every name', async ({ onTestFinished }) => {
    const home = temporaryDirectory(onTestFinished)
    const top = join(home, 'top')
    mkdirSync(join(top, 'a/b/c'), { recursive: true })
    writeFileSync(join(top, 'a/b/c/file'), '')
    writeFileSync(Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xff, 0xfe])]), '')
    mkdirSync(Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xff, 0x2d])]))
    symlinkSync('nowhere', join(top, 'dangling'))
    execFileSync('mkfifo', [join(top, 'a/fifo')])
    await removeTree(top)
    expect(readdirSync(home)).toEqual([])
  })

  test('does not follow links', async ({ onTestFinished }) => {
    const home = temporaryDirectory(onTestFinished)
    mkdirSync(join(home, 'top/below'), { recursive: true })
    mkdirSync(join(home, 'outside'))
    writeFileSync(join(home, 'outside/kept'), 'kept')
    symlinkSync(join(home, 'outside'), join(home, 'top/link'))
    symlinkSync('../../outside', join(home, 'top/below/link'))
    await removeTree(join(home, 'top'))
    expect(readdirSync(home)).toEqual(['outside'])
    expect(readFileSync(join(home, 'outside/kept'), 'utf8')).toBe('kept')
  })

  test('removes a tree deeper than a path can be long', async ({ onTestFinished }) => {
    const home = temporaryDirectory(onTestFinished)
    const deep = [
      '-c',
      `mkdir ${home}/top && cd ${home}/top && for i in $(seq 60); do mkdir ${'d'.repeat(200)} && cd -P ${'d'.repeat(200)}; done`,
    ]
    execFileSync('sh', deep)
    await removeTree(join(home, 'top'))
    expect(readdirSync(home)).toEqual([])
  })

  test('removes directories that forbid it, as an ordinary user', async (ctx) => {
    if (!isRoot) return ctx.skip('needs root, to become an ordinary user')
    const home = temporaryDirectory(ctx.onTestFinished)
    mkdirSync(join(home, 'top/closed/inner/innermost'), { recursive: true })
    writeFileSync(join(home, 'top/closed/inner/file'), '')
    for (const path of [
      'top/closed/inner/innermost',
      'top/closed/inner/file',
      'top/closed/inner',
      'top/closed',
      'top',
      '.',
    ]) {
      chownSync(join(home, path), 65534, 65534)
    }
    chmodSync(join(home, 'top/closed/inner/innermost'), 0o000)
    chmodSync(join(home, 'top/closed/inner'), 0o555)
    chmodSync(join(home, 'top/closed'), 0o500)
    process.seteuid?.(65534)
    try {
      await removeTree(join(home, 'top'))
    } finally {
      process.seteuid?.(0)
    }
    expect(readdirSync(home)).toEqual([])
  })

  test('stops at another file system', async (ctx) => {
    const home = temporaryDirectory(ctx.onTestFinished)
    const point = join(home, 'top/a/b')
    mkdirSync(point, { recursive: true })
    mountFor(ctx, home, ['-t', 'tmpfs', 'none', point])
    writeFileSync(join(point, 'kept'), '')
    await expect(removeTree(join(home, 'top'))).rejects.toThrow(/EBUSY/)
    const [mounted] = readMounts().filter((mount) => mount.mountPoint.startsWith(home))
    expect(readdirSync(mounted?.mountPoint ?? home)).toEqual(['kept'])
  })

  test('stops at the same file system mounted once more', async (ctx) => {
    const home = temporaryDirectory(ctx.onTestFinished)
    mkdirSync(join(home, 'outside'))
    writeFileSync(join(home, 'outside/kept'), 'kept')
    const point = join(home, 'top/a')
    mkdirSync(point, { recursive: true })
    writeFileSync(join(home, 'top/file'), '')
    mountFor(ctx, home, ['--bind', join(home, 'outside'), point])
    await expect(removeTree(join(home, 'top'))).rejects.toThrow(/EBUSY/)
    expect(existsSync(join(home, 'outside/kept'))).toBe(true)
  })
})
