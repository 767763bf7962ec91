import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Deadline } from './deadline.ts'
import { removeTree } from './remove-tree.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-remove-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const remove = (path: string, mountPoints: readonly string[] = [], milliseconds = 30_000) =>
  removeTree(path, { mountPoints, deadline: new Deadline(milliseconds) })

test('a tree goes, what its symbolic links point to stays', async () => {
  const outside = join(directory, 'outside')
  const tree = join(directory, 'tree')
  mkdirSync(outside)
  writeFileSync(join(outside, 'precious'), '')
  mkdirSync(join(tree, 'a/b'), { recursive: true })
  writeFileSync(join(tree, 'a/file'), '')
  symlinkSync(outside, join(tree, 'a/link'))
  expect(await remove(tree)).toEqual([])
  expect(existsSync(tree)).toBe(false)
  expect(existsSync(join(outside, 'precious'))).toBe(true)
})

test('a symbolic link itself goes, not its target', async () => {
  mkdirSync(join(directory, 'outside'))
  symlinkSync('outside', join(directory, 'link'))
  expect(await remove(join(directory, 'link'))).toEqual([])
  expect(readdirSync(directory)).toEqual(['outside'])
})

test('nothing at all is fine', async () => {
  expect(await remove(join(directory, 'no/such'))).toEqual([])
})

test('what is mounted inside stays, is reported, and all around it goes', async () => {
  const tree = join(directory, 'tree')
  mkdirSync(join(tree, 'mounted'), { recursive: true })
  mkdirSync(join(tree, 'other'))
  writeFileSync(join(tree, 'mounted/precious'), '')
  writeFileSync(join(tree, 'bound'), '')
  const obstacles = await remove(tree, [join(tree, 'mounted'), join(tree, 'bound')])
  expect(obstacles.map(({ path }) => path).sort()).toEqual([join(tree, 'bound'), join(tree, 'mounted')])
  expect(readdirSync(tree).sort()).toEqual(['bound', 'mounted'])
  expect(readdirSync(join(tree, 'mounted'))).toEqual(['precious'])
})

test('a tree deeper than the longest path goes', async () => {
  const tree = join(directory, 'tree')
  mkdirSync(tree)
  // mkdir with a path of this length fails, so the shell goes down step by step.
  const name = 'd'.repeat(200)
  execFileSync(
    'sh',
    ['-c', `i=0; while [ $i -lt 60 ]; do mkdir ${name} && cd -P ./${name} || exit 1; i=$((i+1)); done`],
    {
      cwd: tree,
      stdio: 'ignore',
    },
  )
  expect(await remove(tree)).toEqual([])
  expect(readdirSync(directory)).toEqual([])
})

test('names that are not valid UTF-8 go', async () => {
  const tree = join(directory, 'tree')
  mkdirSync(tree)
  mkdirSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xe4])]))
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xe4, 0x2f, 0xfc])]), '')
  mkdirSync(join(tree, 'naïve'))
  expect(await remove(tree)).toEqual([])
  expect(existsSync(tree)).toBe(false)
})

test('directories that may not be entered go', async () => {
  const tree = join(directory, 'tree')
  mkdirSync(join(tree, 'closed/inner'), { recursive: true })
  chmodSync(join(tree, 'closed'), 0)
  expect(await remove(tree)).toEqual([])
  expect(existsSync(tree)).toBe(false)
})

test('more files than are held at once go', async () => {
  const tree = join(directory, 'tree')
  mkdirSync(tree)
  for (let index = 0; index < 600; index += 1) writeFileSync(join(tree, String(index)), '')
  expect(await remove(tree)).toEqual([])
  expect(existsSync(tree)).toBe(false)
})

test('after the deadline nothing more is touched', async () => {
  mkdirSync(join(directory, 'tree'))
  const [obstacle] = await remove(join(directory, 'tree'), [], 0)
  expect(obstacle).toEqual({ path: join(directory, 'tree'), reason: 'there was no time left' })
  expect(existsSync(join(directory, 'tree'))).toBe(true)
})
