import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { mountOverlay, unmount } from '../host/index.ts'
import { isPlainLayer } from './lower-layer.ts'
import { checkUnmounted } from './remove-tree.ts'
import { makeRichTree } from './rich-tree.fixture.ts'
import { describeTree, setAttribute } from './tree.fixture.ts'
import { isRoot, needsRoot } from './user.fixture.ts'

let directory: string
let tree: string

beforeEach((context) => {
  context.skip(!isRoot, needsRoot)
  directory = mkdtempSync(join(tmpdir(), 'runwright-layer-'))
  tree = join(directory, 'rootfs')
  mkdirSync(join(tree, 'deep/er'), { recursive: true })
  writeFileSync(join(tree, 'deep/er/file'), '')
  execFileSync('mknod', [join(tree, 'null'), 'c', '1', '3'])
  return () => rmSync(directory, { recursive: true, force: true })
})

test('a tree of files and devices can be below an overlay', async () => {
  setAttribute(join(tree, 'deep/er/file'), 'user.note', Buffer.from('x'))
  expect(await isPlainLayer(tree)).toBe(true)
})

test('what an overlay would take for a removed file cannot', async () => {
  execFileSync('mknod', [join(tree, 'deep/removed'), 'c', '0', '0'])
  expect(await isPlainLayer(tree)).toBe(false)
})

test('what an overlay could take for a replaced directory cannot', async () => {
  setAttribute(join(tree, 'deep/er'), 'trusted.overlay.opaque', Buffer.from('y'))
  expect(await isPlainLayer(tree)).toBe(false)
})

test('an overlay shows owners, modes, times, attributes and links as they are', async () => {
  const at = (name: string) => join(directory, name)
  for (const name of ['rich', 'upper', 'work', 'merged']) mkdirSync(at(name))
  await makeRichTree(at('rich'))
  expect(mountOverlay({ lower: at('rich'), upper: at('upper'), work: at('work') }, at('merged'))).toBe(true)
  try {
    const { '': _shownRoot, ...shown } = await describeTree(at('merged')) // the root is that of the upper layer
    const { '': _storedRoot, ...stored } = await describeTree(at('rich'))
    expect(Object.keys(stored).length).toBeGreaterThan(20)
    expect(shown).toEqual(stored)
  } finally {
    unmount(at('merged'), 'at once')
  }
})

test('what an overlay shows is not removed', async () => {
  const at = (name: string) => join(directory, name)
  for (const name of ['upper', 'work', 'merged']) mkdirSync(at(name))
  expect(mountOverlay({ lower: tree, upper: at('upper'), work: at('work') }, at('merged'))).toBe(true)
  try {
    await expect(checkUnmounted(tree)).rejects.toMatchObject({ code: 'ARCHIVE_IN_USE' })
    await expect(checkUnmounted(directory)).rejects.toThrow(at('merged'))
    expect(await checkUnmounted(at('work'))).toBe(at('work'))
  } finally {
    unmount(at('merged'), 'at once')
  }
  expect(await checkUnmounted(tree)).toBe(tree)
})

test('paths that the options of a mount cannot hold are not mounted', () => {
  const at = (name: string) => join(directory, name)
  for (const name of ['up,per', 'work', 'merged']) mkdirSync(at(name))
  expect(mountOverlay({ lower: tree, upper: at('up,per'), work: at('work') }, at('merged'))).toBe(false)
  const upper = at(`${'long/'.repeat(800)}upper`)
  expect(mountOverlay({ lower: tree, upper, work: at('work') }, at('merged'))).toBe(false)
})
