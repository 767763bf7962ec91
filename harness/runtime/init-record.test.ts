import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess, isProcessAlive, signalProcess } from '../host/index.ts'
import { loadedInit, recordedInit, recordInit } from './init-record.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-init-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

test('what was recorded is read back', () => {
  recordInit(directory, { pid: 4242, startTime: 2n ** 60n })
  expect(recordedInit(directory)).toEqual({ pid: 4242, startTime: 2n ** 60n })
})

test('nothing recorded, nothing known', () => {
  expect(recordedInit(directory)).toBeUndefined()
  expect(loadedInit(directory, 0)).toBeUndefined()
})

test('a process that got the pid later is not taken for the container', () => {
  const other = identifyProcess(process.pid)
  if (other === undefined) throw new Error('this process exists')
  recordInit(directory, { pid: other.pid, startTime: other.startTime - 1n })
  const init = loadedInit(directory, other.pid)
  if (init === undefined) throw new Error('an init was recorded')
  expect(isProcessAlive(init)).toBe(false)
  expect(signalProcess(init, 'SIGTERM')).toBe('gone')
})

test('an unrecorded pid is taken as the runtime reports it', () => {
  expect(loadedInit(directory, process.pid)).toEqual(identifyProcess(process.pid))
})

test('of a stopped container what was recorded is kept', () => {
  recordInit(directory, { pid: 4242, startTime: 1n })
  expect(loadedInit(directory, 0)).toEqual({ pid: 4242, startTime: 1n })
  expect(loadedInit(directory, undefined)).toEqual({ pid: 4242, startTime: 1n })
})
