import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ArchiveCatalogue, ArchiveStore } from '../archive/index.ts'
import { parseJson, type Spec } from '../spec/index.ts'
import {
  type Bundle,
  BundleBuildError,
  BundleConflictError,
  BundleNameError,
  BundleRegistry,
  BundleSpecError,
  NoSuchBundleError,
} from './index.ts'
import { isSpec, readReference, registryOptions } from './registry.fixture.ts'

type Cleaner = (remove: () => void) => void

function freshRegistry(onTestFinished: Cleaner) {
  const options = registryOptions(onTestFinished)
  return { ...options, registry: new BundleRegistry(options) }
}

function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8)
}

function writtenSpec(bundle: Bundle): Spec {
  const spec: unknown = parseJson(readFileSync(join(bundle.path, 'config.json'), 'utf8'))
  if (!isSpec(spec)) throw new Error(`${bundle.path}/config.json is no spec`)
  return spec
}

/** All that tells whether somebody touched a directory. */
function traces(directory: string): unknown {
  return readdirSync(directory, { recursive: true }).map((name) => {
    const { ino, mtimeNs, ctimeNs } = lstatSync(join(directory, String(name)), { bigint: true })
    return [name, ino, mtimeNs, ctimeNs]
  })
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('a new bundle', () => {
  test('has a root file system, a place for io and the configuration that was asked for', async ({
    onTestFinished,
  }) => {
    const { registry, directory } = freshRegistry(onTestFinished)
    const bundle = await registry.createBusyboxBundle('greet', ['greet', 'me'])
    expect(bundle).toMatchObject({ name: 'greet', source: 'busybox', path: join(directory, 'greet') })
    expect(bundle.rootfs).toBe(join(directory, 'greet/rootfs'))
    expect(bundle.archiveDigest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(readdirSync(bundle.path).toSorted()).toEqual(['config.json', 'io', 'rootfs'])
    expect(readdirSync(join(bundle.path, 'io'))).toEqual([])
    expect(readFileSync(join(bundle.rootfs, 'bin/greet'), 'utf8')).toBe('hello')
    expect(modeOf(join(bundle.rootfs, 'bin/greet'))).toBe('4755')

    const reference = await readReference()
    const expected = {
      ...reference,
      process: { ...reference.process, args: ['greet', 'me'], terminal: false },
    }
    expect(bundle.spec).toEqual(expected)
    expect(writtenSpec(bundle)).toEqual(expected)
    expect(Object.keys(writtenSpec(bundle))).toEqual(Object.keys(reference))
  })

  test('can be passed through but not listed or written by others, whatever the mask', async ({
    onTestFinished,
  }) => {
    const options = registryOptions(onTestFinished)
    const deeper = join(options.directory, 'of/one/session')
    const registry = new BundleRegistry({ ...options, directory: deeper })
    const mask = process.umask(0o077)
    const bundle = await registry.createBusyboxBundle('x', ['x']).finally(() => process.umask(mask))
    const modes = ['', 'config.json', 'rootfs', 'io', '..', '../..', '../../..', '../.registry']
    expect(modes.map((name) => modeOf(join(bundle.path, name)))).toEqual([
      '711',
      '644',
      '755',
      '755',
      '711',
      '711',
      '711',
      '700',
    ])
  })

  test('keeps members that no schema knows and integers that no double can hold', async ({
    onTestFinished,
  }) => {
    const { registry } = freshRegistry(onTestFinished)
    const bundle = await registry.createBusyboxBundle('x', ['x'])
    expect(writtenSpec(bundle)).toMatchObject({ 'x-unknown': { kept: [1, 2, 3] } })
    expect(bundle.spec.process?.rlimits?.[0]?.hard).toBe(18446744073709551615n)
    expect(readFileSync(join(bundle.path, 'config.json'), 'utf8')).toContain('"hard": 18446744073709551615,')
  })

  test('does not depend on the working directory', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const before = process.cwd()
    process.chdir(dirname(options.directory))
    const registry = new BundleRegistry({ ...options, directory: basename(options.directory) })
    process.chdir(before)
    expect((await registry.createBusyboxBundle('x', ['x'])).path).toBe(join(options.directory, 'x'))
  })
})

describe('with the archive store', () => {
  test('bundles have root file systems of their own, equal to the archive', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const home = dirname(options.directory)
    const entries = { busybox: { kind: 'file', path: 'busybox.tar' } } as const
    const catalogue = new ArchiveCatalogue({ directory: home, entries })
    const archives = new ArchiveStore({ directory: join(home, 'store'), catalogue })
    const registry = new BundleRegistry({ ...options, archives })
    const one = await registry.createBusyboxBundle('one', ['x'])
    const other = await registry.createBusyboxBundle('other', ['x'])
    writeFileSync(join(one.rootfs, 'bin/greet'), 'changed')
    expect(readFileSync(join(other.rootfs, 'bin/greet'), 'utf8')).toBe('hello')
    expect(modeOf(join(other.rootfs, 'bin/greet'))).toBe('4755')
    expect(one.archiveDigest).toBe((await options.archives.resolve('busybox')).digest)
    await registry.removeAll()
    expect(readdirSync(options.directory)).toEqual(['.registry'])
  })
})

describe('the filter', () => {
  test('comes after the arguments and may undo them and the missing terminal', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const seen: unknown[] = []
    const bundle = await registry.createBusyboxBundle('x', ['before'], (spec) => {
      if (spec.process === undefined) throw new Error('there is a process')
      seen.push(spec.process.args, spec.process.terminal)
      spec.process.args = ['after']
      spec.process.terminal = true
    })
    expect(seen).toEqual([['before'], false])
    expect(writtenSpec(bundle).process).toMatchObject({ args: ['after'], terminal: true })
  })

  test('may be asynchronous and may return another configuration', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const edited = await registry.createBusyboxBundle('edited', ['x'], async (spec) => {
      await Promise.resolve()
      spec.hostname = 'edited'
    })
    const replaced = await registry.createBusyboxBundle('replaced', ['x'], async () => ({
      ociVersion: '1.0.0',
    }))
    expect(writtenSpec(edited).hostname).toBe('edited')
    expect(writtenSpec(replaced)).toEqual({ ociVersion: '1.0.0' })
  })

  test('always starts from a fresh reference', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    let asked = 0
    const shared = await readReference()
    const referenceSpec = async () => {
      asked += 1
      return Object.freeze(shared)
    }
    const registry = new BundleRegistry({ ...options, referenceSpec })
    const hostnames: unknown[] = []
    for (const name of ['a', 'b']) {
      await registry.createBusyboxBundle(name, ['x'], (spec) => {
        hostnames.push(spec.hostname)
        spec.hostname = 'changed'
        spec.mounts?.pop()
      })
    }
    expect(hostnames).toEqual(['runc', 'runc'])
    expect(shared).toEqual(await readReference())
    expect(asked).toBe(1)
  })

  test('finds a process to edit even where the reference has none', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const registry = new BundleRegistry({ ...options, referenceSpec: async () => ({ ociVersion: '1.2.0' }) })
    const bundle = await registry.createBusyboxBundle('x', ['run'])
    expect(bundle.spec.process).toEqual({
      args: ['run'],
      terminal: false,
      cwd: '/',
      user: { uid: 0, gid: 0 },
    })
  })

  test('shares nothing with what is registered', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const args = ['echo', 'a']
    const kept: Spec[] = []
    const options = ['ro']
    const asked = registry.createBusyboxBundle('x', args, (spec) => {
      kept.push(spec)
      spec.mounts?.push({ destination: '/data', options })
    })
    args.push('after the call')
    const bundle = await asked
    for (const spec of kept) spec.hostname = 'later'
    options.push('later')
    expect(bundle.spec.process?.args).toEqual(['echo', 'a'])
    expect(bundle.spec.hostname).toBe('runc')
    expect(bundle.spec.mounts?.at(-1)?.options).toEqual(['ro'])
    for (const part of [
      bundle,
      bundle.spec,
      bundle.spec.process,
      bundle.spec.process?.args,
      bundle.spec.mounts?.at(-1),
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  test("that fails is the caller's own error, and nothing is registered", async ({ onTestFinished }) => {
    const { registry, directory } = freshRegistry(onTestFinished)
    const error = new Error('mine')
    const fail = () => {
      throw error
    }
    expect(await caught(registry.createBusyboxBundle('x', ['x'], fail))).toBe(error)
    expect(existsSync(directory)).toBe(false)
    await expect(registry.createBusyboxBundle('x', ['x'])).resolves.toMatchObject({ name: 'x' })
  })

  test.for([
    [
      'a Map',
      (spec: Spec) => void Object.assign(spec, { annotations: new Map([['a', 'b']]) }),
      /annotations .* Map/,
    ],
    [
      'a number',
      () => Reflect.apply(Number, undefined, [7]),
      /return a configuration or nothing, not number/,
    ],
    ['a list', () => Reflect.apply(Array, undefined, []), /return a configuration or nothing/],
  ] as const)('that gives %s is refused', async ([, filter, message], { onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const error = await caught(Reflect.apply(registry.createBusyboxBundle, registry, ['x', ['x'], filter]))
    expect(error).toBeInstanceOf(BundleSpecError)
    expect(error).toMatchObject({ message: expect.stringMatching(message) })
  })

  test('may make other bundles, but not the one it is for', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const bundle = await registry.createBusyboxBundle('outer', ['x'], async (spec) => {
      const inner = await registry.createBusyboxBundle('inner', ['x'])
      spec.mounts?.push({ destination: '/inner', source: inner.rootfs })
      const same = await caught(registry.createBusyboxBundle('outer', ['x']))
      expect(same).toBeInstanceOf(BundleSpecError)
    })
    expect(bundle.spec.mounts?.at(-1)?.source).toBe((await registry.requireBundle('inner')).rootfs)
  })
})

describe('the same definition again', () => {
  test('gives the same bundle and does not touch the disk', async ({ onTestFinished }) => {
    const { registry, archives } = freshRegistry(onTestFinished)
    const define = () =>
      registry.createBundleWithFilter('busybox', 'x', ['echo', 'a'], (spec) => {
        spec.annotations = { b: '1', a: '2' }
      })
    const first = await define()
    writeFileSync(join(first.path, 'extra'), 'survives')
    const before = [traces(first.path), traces(dirname(first.path))]
    expect(await define()).toBe(first)
    const inAnotherOrder = await registry.createBusyboxBundle(
      'x',
      ['echo', 'a'],
      ({ ociVersion, ...spec }) => ({
        ...spec,
        annotations: { a: '2', b: '1' },
        ociVersion,
      }),
    )
    expect(inAnotherOrder).toBe(first)
    expect([traces(first.path), traces(dirname(first.path))]).toEqual(before)
    expect(archives.populated).toHaveLength(1)
  })

  test('asks for the archive once, and again when its file has changed', async ({ onTestFinished }) => {
    const { registry, archives } = freshRegistry(onTestFinished)
    await registry.createBusyboxBundle('a', ['x'])
    await registry.createBusyboxBundle('a', ['x'])
    await registry.createBusyboxBundle('b', ['x'])
    expect(archives.resolved).toEqual(['busybox'])
    archives.pack('busybox', 'changed')
    await registry.createBusyboxBundle('c', ['x'])
    expect(archives.resolved).toEqual(['busybox', 'busybox'])
  })

  test('counts with members that have the names of methods', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const annotations = { valueOf: 'a', toString: 'b', constructor: 'c', ['__proto__']: 'd' }
    const define = (more: Record<string, string>) =>
      registry.createBusyboxBundle('x', ['x'], (spec) => {
        spec.annotations = { ...annotations, ...more }
      })
    const first = await define({})
    expect(await define({})).toBe(first)
    await expect(define({ valueOf: 'A' })).rejects.toThrow(
      /spec\.annotations\.valueOf: registered "a", asked for "A"/,
    )
  })

  test('is the same although a member is undefined or an integer is a bigint', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    const define = (memory: object) =>
      registry.createBusyboxBundle('x', ['x'], (spec) => {
        spec.linux = { ...spec.linux, resources: { memory } }
      })
    const first = await define({ limit: 8_388_608 })
    expect(await define({ limit: 8_388_608n, swap: undefined })).toBe(first)
  })

  test('builds once for simultaneous calls', async ({ onTestFinished }) => {
    const { registry, archives } = freshRegistry(onTestFinished)
    const calls = Array.from({ length: 20 }, () => registry.createBusyboxBundle('x', ['x']))
    const bundles = new Set(await Promise.all(calls))
    expect(bundles.size).toBe(1)
    expect(archives.populated).toHaveLength(1)
  })
})

describe('another definition under the same name', () => {
  test('is refused, naming what differs with both values, and the disk is not touched', async ({
    onTestFinished,
  }) => {
    const { registry } = freshRegistry(onTestFinished)
    const bundle = await registry.createBusyboxBundle('x', ['echo', 'a'])
    writeFileSync(join(bundle.path, 'extra'), 'survives')
    const before = [traces(bundle.path), traces(dirname(bundle.path))]
    const error = await caught(
      registry.createBusyboxBundle('x', ['echo', 'b'], (spec) => {
        delete spec.hostname
        spec.mounts?.unshift({ destination: '/data' })
      }),
    )
    expect(error).toBeInstanceOf(BundleConflictError)
    expect(error).toMatchObject({
      code: 'BUNDLE_CONFLICT',
      bundle: 'x',
      differences: [
        { path: ['spec', 'process', 'args', 1], registered: 'a', asked: 'b' },
        { path: ['spec', 'hostname'], registered: 'runc' },
        { path: ['spec', 'mounts', 0], asked: { destination: '/data' } },
      ],
      message: [
        `Bundle 'x' (${bundle.path}) is registered with another definition:`,
        '  spec.process.args[1]: registered "a", asked for "b"',
        '  spec.hostname: registered "runc", not asked for',
        '  spec.mounts[0]: not registered, asked for {"destination":"/data"}',
        'Give one of them another name, or remove the registered one first',
      ].join('\n'),
    })
    expect([traces(bundle.path), traces(dirname(bundle.path))]).toEqual(before)
    expect(await registry.getBundle('x')).toBe(bundle)
  })

  test('differs in the source, or in what the archive holds', async ({ onTestFinished }) => {
    const { registry, archives } = freshRegistry(onTestFinished)
    archives.pack('other', 'something else')
    const { archiveDigest } = await registry.createBusyboxBundle('x', ['x'])
    await expect(registry.createBundleWithFilter('other', 'x', ['x'])).rejects.toMatchObject({
      differences: [
        { path: ['source'], registered: 'busybox', asked: 'other' },
        { path: ['archiveDigest'], registered: archiveDigest },
      ],
    })
    archives.pack('busybox', 'changed')
    await expect(registry.createBusyboxBundle('x', ['x'])).rejects.toMatchObject({
      differences: [{ path: ['archiveDigest'], registered: archiveDigest }],
    })
  })

  test('loses to the call that came first, however slow its filter', async ({ onTestFinished }) => {
    const { registry } = freshRegistry(onTestFinished)
    let release: () => void = () => undefined
    const slow = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = registry.createBusyboxBundle('x', ['first'], () => slow)
    const second = caught(registry.createBusyboxBundle('x', ['second']))
    setImmediate(release)
    expect((await first).spec.process?.args).toEqual(['first'])
    expect(await second).toBeInstanceOf(BundleConflictError)
  })
})

describe('names', () => {
  test('are checked before anything else is done', async ({ onTestFinished }) => {
    const { registry, directory } = freshRegistry(onTestFinished)
    let filtered = 0
    const filter = () => {
      filtered += 1
    }
    for (const name of ['', '.', '..', '../x', 'a/b', 'config.json', 'n'.repeat(300), 'a\0b', '-x', '.x']) {
      const attempts = [
        registry.createBusyboxBundle(name, ['x'], filter),
        registry.createBundleWithFilter(name, 'x', ['x'], filter),
        registry.getBundle(name),
        registry.removeBundle(name),
      ]
      for (const attempt of attempts) expect(await caught(attempt), name).toBeInstanceOf(BundleNameError)
    }
    expect(filtered).toBe(0)
    expect(existsSync(directory)).toBe(false)
  })
})

describe('a bundle that cannot be made', () => {
  test('says which one, which step and why, and leaves nothing', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const archives = {
      resolve: (name: string) => options.archives.resolve(name),
      populate: async (...[archive, destination]: Parameters<typeof options.archives.populate>) => {
        await options.archives.populate(archive, destination)
        throw new Error('disk full')
      },
    }
    const registry = new BundleRegistry({ ...options, archives })
    const error = await caught(registry.createBusyboxBundle('x', ['x']))
    expect(error).toBeInstanceOf(BundleBuildError)
    expect(error).toMatchObject({
      message: "Cannot make bundle 'x': its rootfs could not be filled from archive 'busybox': disk full",
      cause: expect.objectContaining({ message: 'disk full' }),
    })
    expect(readdirSync(options.directory)).toEqual(['.registry'])
    expect(readdirSync(join(options.directory, '.registry/aside'))).toEqual([])
    expect(readdirSync(join(options.directory, '.registry/stamps'))).toEqual([])
    expect(await registry.getBundle('x')).toBeUndefined()
  })

  test('does not spoil the next attempt', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const failures = [new Error('not yet')]
    const referenceSpec = () => {
      const error = failures.pop()
      return error === undefined ? readReference() : Promise.reject(error)
    }
    const registry = new BundleRegistry({ ...options, referenceSpec })
    await expect(registry.createBusyboxBundle('x', ['x'])).rejects.toThrow(
      "Cannot make bundle 'x': there is no reference spec: not yet",
    )
    await expect(registry.createBundleWithFilter('unknown', 'x', ['x'])).rejects.toThrow(
      /Cannot make bundle 'x': archive 'unknown' is not to be had: ENOENT/,
    )
    await expect(registry.createBusyboxBundle('x', ['x'])).resolves.toMatchObject({ name: 'x' })
  })
})

describe('getBundle', () => {
  test('gives the registered bundle, or undefined', async ({ onTestFinished }) => {
    const { registry, directory } = freshRegistry(onTestFinished)
    expect(await registry.getBundle('x')).toBeUndefined()
    expect(existsSync(directory)).toBe(false)
    const bundle = await registry.createBusyboxBundle('x', ['x'])
    expect(await registry.getBundle('x')).toBe(bundle)
    expect(await registry.getBundle('y')).toBeUndefined()
    expect(await registry.requireBundle('x')).toBe(bundle)
    const error = await caught(registry.requireBundle('y'))
    expect(error).toBeInstanceOf(NoSuchBundleError)
    expect(error).toMatchObject({ message: "No such bundle 'y'" })
  })

  test('does not give a bundle whose directory somebody removed or replaced', async ({ onTestFinished }) => {
    const { registry, directory } = freshRegistry(onTestFinished)
    const first = await registry.createBusyboxBundle('x', ['x'])
    rmSync(first.path, { recursive: true })
    expect(await registry.getBundle('x')).toBeUndefined()
    mkdirSync(join(directory, 'x/rootfs'), { recursive: true })
    expect(await registry.getBundle('x')).toBeUndefined()
    const second = await registry.createBusyboxBundle('x', ['y'])
    expect(statSync(join(second.path, 'rootfs/bin/greet')).isFile()).toBe(true)
    expect(await registry.getBundle('x')).toBe(second)
  })
})

describe('two registries', () => {
  test('with directories of their own know nothing of each other', async ({ onTestFinished }) => {
    const one = freshRegistry(onTestFinished)
    const other = freshRegistry(onTestFinished)
    const bundle = await one.registry.createBusyboxBundle('x', ['a'])
    const same = await other.registry.createBusyboxBundle('x', ['b'], async () => {
      expect(await one.registry.createBusyboxBundle('x', ['a'])).toBe(bundle)
    })
    expect(same.path).not.toBe(bundle.path)
  })
})
