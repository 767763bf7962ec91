import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LeakKind } from './leak.ts'
import { compareSnapshots, type SnapshotScope, takeSnapshot } from './snapshot.ts'

let directory: string
let scope: SnapshotScope

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-snapshot-'))
  for (const name of ['root', 'files']) mkdirSync(join(directory, name))
  scope = {
    prefix: 'runwright-snapshots-',
    mountsBelow: [directory],
    roots: [join(directory, 'root'), join(directory, 'no-such-root')],
    directories: [join(directory, 'files')],
    ownProcess: true,
  }
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

test('a snapshot differs from another of the same kind of thing by what it has more', () => {
  const before = new Map<LeakKind, ReadonlySet<string>>([
    ['mount', new Set(['/a', '/b'])],
    ['cgroup', new Set(['/c'])],
  ])
  const after = new Map<LeakKind, ReadonlySet<string>>([
    ['mount', new Set(['/b', '/c'])],
    ['cgroup', new Set()],
    ['file', new Set(['/a'])],
  ])
  expect(compareSnapshots(before, after)).toEqual([
    { kind: 'mount', what: '/c' },
    { kind: 'file', what: '/a' },
  ])
})

test('nothing new is no leak', () => {
  const before = takeSnapshot(scope)
  expect(compareSnapshots(before, takeSnapshot(scope))).toEqual([])
})

test('a container, a file, a descriptor and a child that are new are told, and nothing else', async () => {
  spawn('true', { stdio: 'ignore' }) // Node opens a pipe of its own for its first child
  const before = takeSnapshot(scope)
  mkdirSync(join(directory, 'root/container'))
  mkdirSync(join(directory, 'root/.cache'))
  writeFileSync(join(directory, 'files/file'), '')
  const descriptor = openSync(directory, 'r')
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    expect(compareSnapshots(before, takeSnapshot(scope))).toEqual([
      { kind: 'container', what: 'container' },
      { kind: 'process', what: `${child.pid} sleep 1000` },
      { kind: 'file', what: join(directory, 'files/file') },
      { kind: 'descriptor', what: `${descriptor} ${directory}` },
    ])
  } finally {
    closeSync(descriptor)
    child.kill('SIGKILL')
    await ended
  }
  rmSync(join(directory, 'root/container'), { recursive: true })
  rmSync(join(directory, 'files/file'))
  expect(compareSnapshots(before, takeSnapshot(scope))).toEqual([])
})

test('the process itself is left out where it does other things beside', async () => {
  const around = { ...scope, ownProcess: false }
  const before = takeSnapshot(around)
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    expect(compareSnapshots(before, takeSnapshot(around))).toEqual([])
  } finally {
    child.kill('SIGKILL')
    await ended
  }
})
