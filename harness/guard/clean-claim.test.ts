import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { claimCleaning, isBeingCleaned } from './clean-claim.ts'
import { ownerOf } from './owner.ts'
import { publishFile } from './publish.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-claim-'))
  return () => rmSync(directory, { recursive: true, force: true })
})

test('one holds the claim at a time, and it can be given back', () => {
  expect(isBeingCleaned(directory)).toBe(false)
  const claim = claimCleaning(directory)
  expect(claim).toBeDefined()
  expect(isBeingCleaned(directory)).toBe(true)
  expect(claimCleaning(directory)).toBeUndefined()
  claim?.release()
  claim?.release()
  expect(isBeingCleaned(directory)).toBe(false)
  expect(claimCleaning(directory)).toBeDefined()
})

test('the claim of a process that died is succeeded, not removed', async () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  publishFile(directory, 'cleaner-1', JSON.stringify(ownerOf(child.pid ?? 0)))
  expect(claimCleaning(directory)).toBeUndefined()
  child.kill('SIGKILL')
  await ended
  expect(claimCleaning(directory)).toBeDefined()
  expect(readdirSync(directory).sort()).toEqual(['cleaner-1', 'cleaner-2'])
})

test('where the session is gone there is nothing to claim', () => {
  expect(() => claimCleaning(join(directory, 'gone'))).toThrow('ENOENT')
})
