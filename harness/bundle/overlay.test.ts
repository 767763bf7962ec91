import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Spec } from '../spec/index.ts'
import { BundleRegistry } from './index.ts'
import { overlayPlaces, takesOverlay } from './overlay.ts'
import { readReference, registryOptions } from './registry.fixture.ts'

test.for<readonly [what: string, edit: (spec: Spec) => void, takes: boolean]>([
  ['that is as it comes', () => undefined, true],
  ['whose root may be written to', (spec) => Object.assign(spec, { root: { path: 'rootfs' } }), true],
  ['without anything of Linux', (spec) => Object.assign(spec, { linux: undefined }), true],
  ['without namespaces', (spec) => Object.assign(spec, { linux: {} }), true],
  ['with users of its own', (spec) => spec.linux?.namespaces?.push({ type: 'user' }), false],
  ['with a label for its files', (spec) => Object.assign(spec.linux ?? {}, { mountLabel: 'x' }), false],
  ['whose root is the bundle', (spec) => Object.assign(spec, { root: { path: '.' } }), false],
  ['whose root is elsewhere', (spec) => Object.assign(spec, { root: { path: '/' } }), false],
  ['without a root', (spec) => Object.assign(spec, { root: undefined }), false],
])('a configuration %s', async ([, edit, takes]) => {
  const spec = await readReference()
  edit(spec)
  expect(takesOverlay(spec)).toBe(takes)
})

test('a registry copies what cannot be overlaid, and asks for no overlay where a copy is wanted', async ({
  onTestFinished,
}) => {
  const options = registryOptions(onTestFinished)
  const asked: string[] = []
  const archives = Object.assign(options.archives, {
    overlay: async (_: unknown, { rootfs }: { readonly rootfs: string }) => {
      asked.push(rootfs)
      return false
    },
  })
  const registry = new BundleRegistry({ ...options, archives })
  await registry.createBusyboxBundle('one', ['x'])
  await registry.createBusyboxBundle('other', ['x'], undefined, { rootfs: 'copied' })
  expect(asked).toHaveLength(1)
  expect(archives.populated).toEqual(['busybox', 'busybox'])
})

test('a bundle that was made with an overlay and has none is no bundle', async ({ onTestFinished }) => {
  const options = registryOptions(onTestFinished)
  const archives = Object.assign(options.archives, {
    overlay: async (_: unknown, { rootfs, layers }: { readonly rootfs: string; readonly layers: string }) => {
      for (const path of [rootfs, layers]) mkdirSync(path)
      return archives.populated.length === 0
    },
  })
  const registry = new BundleRegistry({ ...options, archives })
  await expect(registry.createBusyboxBundle('x', ['x'])).rejects.toMatchObject({ code: 'BUNDLE_BUILD' })
  expect(await registry.getBundle('x')).toBeUndefined()
  expect(overlayPlaces('/x')).toEqual({ rootfs: join('/x', 'rootfs'), layers: join('/x', 'overlay') })
})
