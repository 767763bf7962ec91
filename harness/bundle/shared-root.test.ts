import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Archive } from '../archive/index.ts'
import { parseJson, type Spec } from '../spec/index.ts'
import { BundleRegistry } from './index.ts'
import { readReference, registryOptions, temporaryDirectory } from './registry.fixture.ts'
import { hasPlacesFor, onlyReadsRoot } from './shared-root.ts'

async function reference(edit: (spec: Spec) => void = () => {}): Promise<Spec> {
  const spec = await readReference()
  edit(spec)
  return spec
}

describe('a configuration that only reads its root', () => {
  test('is the reference spec', async () => {
    expect(onlyReadsRoot(await reference())).toBe(true)
  })

  const others: Readonly<Record<string, (spec: Spec) => void>> = {
    'whose root can be written to': (spec) => {
      spec.root = { path: 'rootfs', readonly: false }
    },
    'that does not say so': (spec) => {
      spec.root = { path: 'rootfs' }
    },
    'that names a root of its own': (spec) => {
      spec.root = { path: '/srv', readonly: true }
    },
    'without a root': (spec) => void delete spec.root,
    'with a user namespace': (spec) => void spec.linux?.namespaces?.push({ type: 'user' }),
    'in the mount namespace of another process': (spec) => {
      spec.linux = { ...spec.linux, namespaces: [{ type: 'mount', path: '/proc/1/ns/mnt' }] }
    },
    'without a mount namespace': (spec) => {
      spec.linux = { ...spec.linux, namespaces: [] }
    },
    'without namespaces': (spec) => void delete spec.linux?.namespaces,
    'whose mounts are passed on': (spec) => {
      spec.linux = { ...spec.linux, rootfsPropagation: 'shared' }
    },
    'without mounts': (spec) => void delete spec.mounts,
    'without a process': (spec) => void delete spec.process,
  }
  test.for(Object.entries(others))('is not one %s', async ([, edit]) => {
    expect(onlyReadsRoot(await reference(edit))).toBe(false)
  })
})

describe('a root file system has the places of a configuration', () => {
  const places: Readonly<Record<string, readonly [has: boolean, edit: (spec: Spec) => void]>> = {
    'when it is the reference spec': [true, () => {}],
    'when a mount lies on an earlier one': [
      true,
      (spec) => void spec.mounts?.push({ destination: '/dev/pts/', type: 'devpts' }),
    ],
    'when the process begins on a mount': [
      true,
      (spec) => {
        spec.process = { cwd: '/proc/self', user: { uid: 0, gid: 0 } }
      },
    ],
    'not when a mount has none': [false, (spec) => void spec.mounts?.push({ destination: '/data' })],
    'not when a mount leads through a link': [
      false,
      (spec) => void spec.mounts?.push({ destination: '/link/sys' }),
    ],
    'not when a mount is on a file': [false, (spec) => void spec.mounts?.push({ destination: '/file' })],
    'not when a mount only shares letters with an earlier one': [
      false,
      (spec) => void spec.mounts?.push({ destination: '/devices' }),
    ],
    'not when a mount lies on a later one': [
      false,
      (spec) => void spec.mounts?.unshift({ destination: '/dev/pts', type: 'devpts' }),
    ],
    'not when something is bound on an earlier mount': [
      false,
      (spec) => void spec.mounts?.push({ destination: '/dev/shm', source: '/tmp', options: ['rbind'] }),
    ],
    'not when the destination is relative': [
      false,
      (spec) => void spec.mounts?.push({ destination: 'proc' }),
    ],
    'not when it is covered as a whole': [false, (spec) => void spec.mounts?.push({ destination: '/' })],
    'not when devices would be made in it': [
      false,
      (spec) => {
        spec.mounts = spec.mounts?.filter(({ destination }) => destination !== '/dev') ?? []
      },
    ],
    'not when the process begins elsewhere': [
      false,
      (spec) => {
        spec.process = { cwd: '/absent', user: { uid: 0, gid: 0 } }
      },
    ],
  }
  test.for(Object.entries(places))('%s', async ([, [has, edit]], { onTestFinished }) => {
    const rootfs = temporaryDirectory(onTestFinished)
    for (const name of ['proc', 'dev', 'sys']) mkdirSync(join(rootfs, name))
    symlinkSync('.', join(rootfs, 'link'))
    writeFileSync(join(rootfs, 'file'), '')
    expect(hasPlacesFor(await reference(edit), rootfs)).toBe(has)
  })
})

describe('a registry whose archives can be shared', () => {
  function sharing(onTestFinished: (remove: () => void) => void) {
    const options = registryOptions(onTestFinished)
    const shared = temporaryDirectory(onTestFinished)
    for (const name of ['proc', 'dev', 'sys']) mkdirSync(join(shared, name))
    const archives = Object.assign(options.archives, { shared: async () => shared })
    return { registry: new BundleRegistry({ ...options, archives }), archives, shared }
  }

  test('gives bundles that only read theirs the same root file system', async ({ onTestFinished }) => {
    const { registry, archives, shared } = sharing(onTestFinished)
    const bundle = await registry.createBusyboxBundle('x', ['x'])
    expect(bundle.rootfs).toBe(shared)
    expect(bundle.spec.root).toEqual({ path: shared, readonly: true })
    expect(parseJson(readFileSync(join(bundle.path, 'config.json'), 'utf8'))).toEqual(bundle.spec)
    expect(existsSync(join(bundle.path, 'rootfs'))).toBe(false)
    expect(archives.populated).toEqual([])
    expect(await registry.createBusyboxBundle('x', ['x'])).toBe(bundle)
  })

  test('gives the others one of their own', async ({ onTestFinished }) => {
    const { registry, archives } = sharing(onTestFinished)
    const bundle = await registry.createBusyboxBundle('x', ['x'], (spec) => {
      spec.root = { path: 'rootfs', readonly: false }
    })
    expect(bundle.rootfs).toBe(join(bundle.path, 'rootfs'))
    expect(bundle.spec.root?.path).toBe('rootfs')
    expect(archives.populated).toEqual(['busybox'])
  })

  test('gives one of its own to whoever asks for it, and to nobody else under that name', async ({
    onTestFinished,
  }) => {
    const { registry, shared } = sharing(onTestFinished)
    const bundle = await registry.createBusyboxBundle('x', ['x'], undefined, { rootfs: 'private' })
    expect(bundle.rootfs).toBe(join(bundle.path, 'rootfs'))
    await expect(registry.createBusyboxBundle('x', ['x'])).rejects.toMatchObject({
      code: 'BUNDLE_CONFLICT',
      differences: [
        { path: ['rootfs'], registered: bundle.rootfs, asked: shared },
        { path: ['spec', 'root', 'path'], registered: 'rootfs', asked: shared },
      ],
    })
  })

  test('can be asked ahead for what its bundles begin with, and makes none', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const asked: string[] = []
    const shared = async ({ name }: Archive) => {
      asked.push(`rootfs of ${name}`)
      return undefined
    }
    const referenceSpec = async () => {
      asked.push('reference spec')
      return await options.referenceSpec()
    }
    const archives = Object.assign(options.archives, { shared })
    const registry = new BundleRegistry({ ...options, archives, referenceSpec })
    await registry.prepare('busybox')
    expect(asked.sort()).toEqual(['reference spec', 'rootfs of busybox'])
    expect(await registry.list()).toEqual([])
    await expect(registry.prepare('nothing')).rejects.toThrow('nothing')
  })

  test('gives every bundle one of its own where nothing can be shared', async ({ onTestFinished }) => {
    const options = registryOptions(onTestFinished)
    const archives = Object.assign(options.archives, { shared: async () => undefined })
    const registry = new BundleRegistry({ ...options, archives })
    const bundle = await registry.createBusyboxBundle('x', ['x'])
    expect(bundle.rootfs).toBe(join(bundle.path, 'rootfs'))
  })
})
