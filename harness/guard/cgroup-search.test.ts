import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cgroupTree, findCgroups } from './cgroup-search.ts'

let hierarchy: string

beforeEach(() => {
  hierarchy = mkdtempSync(join(tmpdir(), 'runwright-cgroups-'))
})

afterEach(() => {
  rmSync(hierarchy, { recursive: true, force: true })
})

const make = (path: string) => mkdirSync(join(hierarchy, path), { recursive: true })
const isMine = (name: string) => name.startsWith('mine-')

test('matching directories are found at any depth, and only the topmost of them', () => {
  make('mine-1/mine-2')
  make('system/slice/mine-3')
  make('system/other')
  expect(findCgroups(hierarchy, isMine).sort()).toEqual([
    join(hierarchy, 'mine-1'),
    join(hierarchy, 'system/slice/mine-3'),
  ])
})

test('files and symbolic links are never taken for cgroups', () => {
  make('outside')
  make('inside/deep')
  writeFileSync(join(hierarchy, 'inside/mine-file'), '')
  symlinkSync(join(hierarchy, 'outside'), join(hierarchy, 'inside/mine-link'))
  expect(findCgroups(hierarchy, isMine)).toEqual([])
})

test('a tree lists parents before their children', () => {
  make('top/one/two')
  make('top/three')
  const tree = cgroupTree(join(hierarchy, 'top'))
  expect([...tree].sort()).toEqual(
    ['top', 'top/one', 'top/one/two', 'top/three'].map((path) => join(hierarchy, path)),
  )
  expect(tree.indexOf(join(hierarchy, 'top/one'))).toBeLessThan(tree.indexOf(join(hierarchy, 'top/one/two')))
})

describe('what was searched before is searched as it is now:', () => {
  const found = () => findCgroups(hierarchy, isMine).map((path) => relative(hierarchy, path))
  const remove = (path: string) => rmSync(join(hierarchy, path), { recursive: true })

  beforeEach(() => {
    make('one/mine-1')
    make('two')
    expect(found()).toEqual(['one/mine-1'])
  })

  test('a cgroup was added', () => {
    make('two/mine-2')
    expect(found().sort()).toEqual(['one/mine-1', 'two/mine-2'])
  })

  test('a cgroup was removed', () => {
    remove('one/mine-1')
    expect(found()).toEqual([])
  })

  test('another one took its place', () => {
    remove('one')
    make('three/mine-3')
    expect(found()).toEqual(['three/mine-3'])
  })

  test('it was renamed', () => {
    renameSync(join(hierarchy, 'one/mine-1'), join(hierarchy, 'one/mine-4'))
    expect(found()).toEqual(['one/mine-4'])
  })

  test('a file took its place', () => {
    remove('one/mine-1')
    writeFileSync(join(hierarchy, 'one/mine-1'), '')
    make('one/mine-5')
    expect(found()).toEqual(['one/mine-5'])
  })
})

test('a hierarchy that is gone has nothing', () => {
  expect(findCgroups(join(hierarchy, 'no'), isMine)).toEqual([])
  expect(cgroupTree(join(hierarchy, 'no'))).toEqual([join(hierarchy, 'no')])
})
