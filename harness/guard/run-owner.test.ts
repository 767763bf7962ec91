import { expect, test } from 'vitest'
import { ownerOf, ownSelf } from './owner.ts'
import { isForkedWorker, runOwner } from './run-owner.ts'

const worker = { environment: { VITEST_POOL_ID: '1' }, isMainThread: true, hasChannel: true }

test.each([
  ['a forked worker', worker, true],
  [
    'a worker thread, which shares the process of the run',
    { ...worker, isMainThread: false, hasChannel: false },
    false,
  ],
  ['a program that a test started', { ...worker, hasChannel: false }, false],
  ['a forked process outside vitest', { ...worker, environment: {} }, false],
])('%s is a worker with an owner above it', (_name, place, expected) => {
  expect(isForkedWorker(place)).toBe(expected)
})

test('the owner of this very run is alive, and not a worker', () => {
  // This test runs in a forked worker or in a thread, as vitest is configured.
  const expected = process.send === undefined ? ownSelf() : ownerOf(process.ppid)
  expect(runOwner()).toEqual(expected)
})
