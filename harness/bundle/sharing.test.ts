/** What one registry finds of another's work on the same directory, and what is removed. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readMounts, UnsafeDirectoryError } from '../host/index.ts'
import {
  BundleBuildError,
  BundleConflictError,
  BundleMountedError,
  BundleRegistry,
  NoSuchBundleError,
} from './index.ts'
import { ownerPrefix } from './owner.ts'
import { mountFor, registryOptions } from './registry.fixture.ts'

type Cleaner = (remove: () => void) => void

/** Registries that know of each other only through their directory, as those of two processes do. */
function twoRegistries(onTestFinished: Cleaner) {
  const options = registryOptions(onTestFinished)
  return { ...options, one: new BundleRegistry(options), other: new BundleRegistry(options) }
}

function kept(directory: string, place: 'aside' | 'stamps'): string[] {
  return readdirSync(join(directory, '.registry', place))
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** A half-made bundle of a process that cannot exist: pids end at 2^22. */
function leaveHalfMade(directory: string, owner = ownerPrefix().replace(/^\d+/, '99999999')): string {
  const path = join(directory, '.registry/aside', `${owner}0123456789ab@x`)
  mkdirSync(join(path, 'rootfs/bin'), { recursive: true })
  return path
}

describe('registries on one directory', () => {
  test('share bundles', async ({ onTestFinished }) => {
    const { one, other, archives } = twoRegistries(onTestFinished)
    const define = (registry: BundleRegistry) =>
      registry.createBusyboxBundle('x', ['echo'], (spec) => {
        spec.annotations = { large: 'a', valueOf: 'b' }
      })
    const made = await define(one)
    const found = await other.getBundle('x')
    expect(found).toEqual(made)
    expect(Object.isFrozen(found?.spec.process)).toBe(true)
    expect(await define(other)).toEqual(made)
    expect(archives.populated).toHaveLength(1)
  })

  test("see each other's conflicts, and only those", async ({ onTestFinished }) => {
    const { one, other } = twoRegistries(onTestFinished)
    await one.createBusyboxBundle('x', ['one'])
    const error = await caught(other.createBusyboxBundle('x', ['other']))
    expect(error).toBeInstanceOf(BundleConflictError)
    expect(error).toMatchObject({
      differences: [{ path: ['spec', 'process', 'args', 0], registered: 'one', asked: 'other' }],
    })
  })

  test('agree when both make the same bundle at once', async ({ onTestFinished }) => {
    const { one, other, directory, archives } = twoRegistries(onTestFinished)
    const bundles = await Promise.all(
      [one, other].map((registry) => registry.createBusyboxBundle('x', ['x'])),
    )
    expect(bundles[0]).toEqual(bundles[1])
    expect(archives.populated).toHaveLength(2)
    expect(kept(directory, 'aside')).toEqual([])
    expect(kept(directory, 'stamps')).toHaveLength(1)
  })

  test('give the name to one of two definitions made at once', async ({ onTestFinished }) => {
    const { one, other, directory } = twoRegistries(onTestFinished)
    const outcomes = await Promise.allSettled([
      one.createBusyboxBundle('x', ['one']),
      other.createBusyboxBundle('x', ['other']),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    expect(refused?.reason).toBeInstanceOf(BundleConflictError)
    expect(kept(directory, 'stamps')).toHaveLength(1)
  })

  test('notice that a bundle they know was removed, or removed and made differently', async ({
    onTestFinished,
  }) => {
    const { one, other } = twoRegistries(onTestFinished)
    await one.createBusyboxBundle('x', ['first'])
    await other.removeBundle('x')
    expect(await one.getBundle('x')).toBeUndefined()
    await one.createBusyboxBundle('x', ['second'])
    await other.removeBundle('x')
    await other.createBusyboxBundle('x', ['third'])
    await expect(one.createBusyboxBundle('x', ['second'])).rejects.toBeInstanceOf(BundleConflictError)
    expect((await one.getBundle('x'))?.spec.process?.args).toEqual(['third'])
  })

  test('believe the stamp, not what was made of the bundle', async ({ onTestFinished }) => {
    const { one, other } = twoRegistries(onTestFinished)
    const made = await one.createBusyboxBundle('x', ['x'])
    writeFileSync(join(made.path, 'config.json'), 'spoilt on purpose')
    expect(await other.createBusyboxBundle('x', ['x'])).toEqual(made)
    expect(readFileSync(join(made.path, 'config.json'), 'utf8')).toBe('spoilt on purpose')
  })

  test('do not take over bundles from before the machine was started', async ({ onTestFinished }) => {
    const { one, other, directory, archives } = twoRegistries(onTestFinished)
    const made = await one.createBusyboxBundle('x', ['x'])
    const stamp = join(directory, '.registry/stamps', kept(directory, 'stamps')[0] ?? '')
    const text = readFileSync(stamp, 'utf8')
    writeFileSync(stamp, text.replace(/"boot":"[^"]*"/, '"boot":"earlier"'))
    expect(await other.getBundle('x')).toBeUndefined()
    expect(await other.list()).toEqual([])
    expect(await other.createBusyboxBundle('x', ['x'])).toEqual(made)
    expect(archives.populated).toHaveLength(2)
    expect(kept(directory, 'stamps')).toHaveLength(1)
  })

  test.for([
    ['is cut off', (text: string) => text.slice(0, -1)],
    ['is for another name', (text: string) => text.replace('"name":"x"', '"name":"y"')],
    ['is for another directory', (text: string) => text.replace(/"born":("\d+"|null)/, '"born":"1"')],
    ['has no configuration', (text: string) => text.replace(/"spec":.*$/, '"spec":[]}')],
    ['is of another format', (text: string) => text.replace('bundle/3', 'bundle/4')],
  ] as const)('do not believe a stamp that %s', async ([, spoil], { onTestFinished }) => {
    const { one, other, directory } = twoRegistries(onTestFinished)
    await one.createBusyboxBundle('x', ['x'])
    const stamp = join(directory, '.registry/stamps', kept(directory, 'stamps')[0] ?? '')
    const text = readFileSync(stamp, 'utf8')
    writeFileSync(stamp, spoil(text))
    expect(readFileSync(stamp, 'utf8')).not.toBe(text)
    expect(await other.getBundle('x')).toBeUndefined()
  })

  test('do not offer bundles that were moved with their directory', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const made = await new BundleRegistry(options).createBusyboxBundle('x', ['x'])
    const directory = `${options.directory}-moved`
    renameSync(options.directory, directory)
    const registry = new BundleRegistry({ ...options, directory })
    expect(await registry.getBundle('x')).toBeUndefined()
    expect(await registry.list()).toEqual([])
    await expect(registry.createBusyboxBundle('x', ['x'])).rejects.toMatchObject({
      differences: [
        { path: ['path'], registered: made.path, asked: join(directory, 'x') },
        { path: ['rootfs'], registered: made.rootfs, asked: join(directory, 'x', 'rootfs') },
      ],
    })
    await registry.removeBundle('x')
    expect(existsSync(join(directory, 'x'))).toBe(false)
  })
})

describe('what is in the way of a new bundle', () => {
  test('is removed when it is a directory that no registry made', async ({ onTestFinished }) => {
    const { one, directory } = twoRegistries(onTestFinished)
    mkdirSync(join(directory, 'x/rootfs/stale/deeper'), { recursive: true })
    mkdirSync(join(directory, 'outside'))
    writeFileSync(join(directory, 'x/config.json'), 'stale')
    symlinkSync('../outside', join(directory, 'x/link'))
    const bundle = await one.createBusyboxBundle('x', ['x'])
    expect(readdirSync(bundle.path).toSorted()).toEqual(['config.json', 'io', 'rootfs'])
    expect(readdirSync(bundle.rootfs).toSorted()).toEqual(['bin', 'etc'])
    expect(existsSync(join(directory, 'outside'))).toBe(true)
    expect(kept(directory, 'aside')).toEqual([])
  })

  test.for(['file', 'link to a directory', 'dangling link'])(
    'is left alone when it is a %s',
    async (kind, { onTestFinished }) => {
      const { one, directory } = twoRegistries(onTestFinished)
      mkdirSync(join(directory, 'target/inside'), { recursive: true })
      if (kind === 'file') writeFileSync(join(directory, 'x'), 'precious')
      else symlinkSync(kind === 'dangling link' ? 'nowhere' : 'target', join(directory, 'x'))
      const error = await caught(one.createBusyboxBundle('x', ['x']))
      expect(error).toBeInstanceOf(BundleBuildError)
      expect(error).toMatchObject({ message: expect.stringContaining(`${directory}/x is not a directory`) })
      expect(readdirSync(directory).toSorted()).toEqual(['.registry', 'target', 'x'])
      expect(readdirSync(join(directory, 'target'))).toEqual(['inside'])
      expect(await one.getBundle('x')).toBeUndefined()
      expect(kept(directory, 'aside')).toEqual([])
      expect(kept(directory, 'stamps')).toEqual([])
    },
  )

  test.for(['x', 'x/rootfs/deep'])('is left alone while something is mounted at %s', async (point, ctx) => {
    const { one, directory } = twoRegistries(ctx.onTestFinished)
    mkdirSync(join(directory, point), { recursive: true })
    mountFor(ctx, directory, ['-t', 'tmpfs', 'none', join(directory, point)])
    writeFileSync(join(directory, point, 'precious'), '')
    const error = await caught(one.createBusyboxBundle('x', ['x']))
    expect(error).toBeInstanceOf(BundleMountedError)
    expect(error).toMatchObject({ mountPoints: [join(directory, point)] })
    expect(readdirSync(join(directory, point))).toEqual(['precious'])
  })
})

describe('half-made bundles', () => {
  test('of a dead process are removed by the next, of a living one are not', async ({ onTestFinished }) => {
    const { one, directory } = twoRegistries(onTestFinished)
    const dead = leaveHalfMade(directory)
    const living = leaveHalfMade(directory, ownerPrefix())
    const elsewhere = leaveHalfMade(directory, ownerPrefix().replace(/-\d+\.$/, '-1.'))
    const forgotten = leaveHalfMade(directory, '7-7-1.')
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000)
    utimesSync(forgotten, twoDaysAgo, twoDaysAgo)
    expect(await one.getBundle('x')).toBeUndefined()
    await one.createBusyboxBundle('y', ['y'])
    expect([dead, living, elsewhere, forgotten].map((path) => existsSync(path))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('in which something is mounted stay, and hinder nobody', async (ctx) => {
    const { one, directory } = twoRegistries(ctx.onTestFinished)
    const dead = leaveHalfMade(directory)
    const point = join(dead, 'rootfs/bin')
    mountFor(ctx, directory, ['-t', 'tmpfs', 'none', point])
    writeFileSync(join(point, 'precious'), '')
    await one.createBusyboxBundle('y', ['y'])
    const error = await caught(one.removeAll())
    expect(error).toBeInstanceOf(BundleMountedError)
    expect(error).toMatchObject({ mountPoints: [point] })
    expect(readdirSync(directory)).toEqual(['.registry'])
    expect(readdirSync(point)).toEqual(['precious'])
  })

  test('take the stamp with them that their maker had already placed', async ({ onTestFinished }) => {
    const { one, other, directory } = twoRegistries(onTestFinished)
    const { path } = await one.createBusyboxBundle('x', ['x'])
    const dead = leaveHalfMade(directory)
    rmSync(dead, { recursive: true })
    renameSync(path, dead)
    expect(kept(directory, 'stamps')).toHaveLength(1)
    await other.createBusyboxBundle('y', ['y'])
    expect(kept(directory, 'stamps').map((name) => name.replace(/@.*/, ''))).toEqual(['y'])
  })
})

describe('removal', () => {
  test('of one bundle leaves no trace of it and lets the name be used again', async ({ onTestFinished }) => {
    const { one, other, directory } = twoRegistries(onTestFinished)
    const { path } = await one.createBusyboxBundle('x', ['first'])
    const neighbour = await one.createBusyboxBundle('y', ['y'])
    writeFileSync(join(path, 'io/log'), 'extra')
    await one.removeBundle('x')
    expect(readdirSync(directory).toSorted()).toEqual(['.registry', 'y'])
    expect(kept(directory, 'aside')).toEqual([])
    expect(kept(directory, 'stamps')).toHaveLength(1)
    expect(await one.getBundle('x')).toBeUndefined()
    expect(await other.list()).toEqual([neighbour])
    expect((await one.createBusyboxBundle('x', ['second'])).spec.process?.args).toEqual(['second'])
  })

  test('of an unknown bundle, or of a directory that is none, is an error', async ({ onTestFinished }) => {
    const { one, directory } = twoRegistries(onTestFinished)
    await expect(one.removeBundle('x')).rejects.toBeInstanceOf(NoSuchBundleError)
    expect(existsSync(directory)).toBe(false)
    await one.createBusyboxBundle('y', ['y'])
    mkdirSync(join(directory, 'x/rootfs'), { recursive: true })
    await expect(one.removeBundle('x')).rejects.toBeInstanceOf(NoSuchBundleError)
    expect(existsSync(join(directory, 'x/rootfs'))).toBe(true)
  })

  test('of all leaves what is no bundle', async ({ onTestFinished }) => {
    const { one, other, directory } = twoRegistries(onTestFinished)
    for (const name of ['b', 'a', 'c']) await one.createBusyboxBundle(name, [name])
    expect((await other.list()).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    writeFileSync(join(directory, 'README.md'), '')
    mkdirSync(join(directory, 'notes/inside'), { recursive: true })
    const dead = leaveHalfMade(directory)
    await other.removeAll()
    expect(readdirSync(directory).toSorted()).toEqual(['.registry', 'README.md', 'notes'])
    expect(existsSync(dead)).toBe(false)
    expect(kept(directory, 'stamps')).toEqual([])
    expect(await one.list()).toEqual([])
  })

  test('of all where nothing was ever made does nothing', async ({ onTestFinished }) => {
    const { one, directory } = twoRegistries(onTestFinished)
    await one.removeAll()
    expect(existsSync(directory)).toBe(false)
  })

  test('stops before a mount, and names it', async (ctx) => {
    const { one, directory } = twoRegistries(ctx.onTestFinished)
    const { path, rootfs } = await one.createBusyboxBundle('x', ['x'])
    await one.createBusyboxBundle('y', ['y'])
    mkdirSync(join(dirname(directory), 'outside/inside'), { recursive: true })
    mountFor(ctx, directory, ['--bind', join(dirname(directory), 'outside'), join(rootfs, 'etc')])
    const error = await caught(one.removeBundle('x'))
    expect(error).toBeInstanceOf(BundleMountedError)
    expect(error).toMatchObject({ mountPoints: [join(rootfs, 'etc')] })
    expect(readdirSync(path).toSorted()).toEqual(['config.json', 'io', 'rootfs'])
    expect(await one.getBundle('x')).toMatchObject({ name: 'x' })
    expect(await caught(one.removeAll())).toMatchObject({ mountPoints: [join(rootfs, 'etc')] })
    expect((await one.list()).map(({ name }) => name)).toEqual(['x'])
    expect(readdirSync(join(dirname(directory), 'outside'))).toEqual(['inside'])
    expect(readMounts().filter((mount) => mount.mountPoint.startsWith(path))).toHaveLength(1)
  })
})

describe('the directory', () => {
  test('is refused when others could change what is in it', async ({ onTestFinished }) => {
    const { one, directory } = twoRegistries(onTestFinished)
    mkdirSync(directory)
    chmodSync(directory, 0o777)
    await expect(one.createBusyboxBundle('x', ['x'])).rejects.toBeInstanceOf(UnsafeDirectoryError)
    expect(readdirSync(directory)).toEqual([])
  })

  test('is made again when somebody removed it under way', async ({ onTestFinished }) => {
    const { one, directory } = twoRegistries(onTestFinished)
    await one.createBusyboxBundle('x', ['x'])
    renameSync(directory, `${directory}-away`)
    expect(await one.getBundle('x')).toBeUndefined()
    expect(await one.createBusyboxBundle('x', ['y'])).toMatchObject({ path: join(directory, 'x') })
  })
})
