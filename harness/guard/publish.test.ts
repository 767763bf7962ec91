import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ownSelf } from './owner.ts'
import { processOfTransient, publishDirectory, publishFile, transientName } from './publish.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-publish-'))
  return () => rmSync(directory, { recursive: true, force: true })
})

test('a directory appears with its files, private', () => {
  expect(publishDirectory(directory, 'name', { one: '1', two: '2' })).toBe(true)
  expect(readdirSync(directory)).toEqual(['name'])
  expect(readFileSync(join(directory, 'name/two'), 'utf8')).toBe('2')
  expect(statSync(join(directory, 'name')).mode & 0o777).toBe(0o711)
  expect(statSync(join(directory, 'name/one')).mode & 0o777).toBe(0o600)
})

test('a directory that is there stays as it is, and nothing lies beside it', () => {
  publishDirectory(directory, 'name', { one: '1' })
  expect(publishDirectory(directory, 'name', { one: 'other' })).toBe(false)
  expect(readdirSync(directory)).toEqual(['name'])
  expect(readFileSync(join(directory, 'name/one'), 'utf8')).toBe('1')
})

test('when a file of it cannot be written, nothing is left', () => {
  expect(() => publishDirectory(directory, 'name', { 'no/such/directory': '' })).toThrow('ENOENT')
  expect(readdirSync(directory)).toEqual([])
})

test('a file that is there stays as it is, and nothing lies beside it', () => {
  expect(publishFile(directory, 'name', 'mine')).toBe(true)
  expect(publishFile(directory, 'name', 'yours')).toBe(false)
  expect(readdirSync(directory)).toEqual(['name'])
  expect(readFileSync(join(directory, 'name'), 'utf8')).toBe('mine')
})

test('a file where there is no directory is an error', () => {
  mkdirSync(join(directory, 'gone'))
  rmSync(join(directory, 'gone'), { recursive: true })
  expect(() => publishFile(join(directory, 'gone'), 'name', '')).toThrow('ENOENT')
})

test('a transient name tells whose it is, and no other name does', () => {
  const { pid, startTime } = ownSelf()
  expect(processOfTransient(transientName('name'))).toEqual({ pid, startTime: BigInt(startTime) })
  expect(transientName('name')).not.toBe(transientName('name'))
  for (const name of ['name', '.passing-', '.passing-a-1-name', 'x.passing-1-1-name']) {
    expect(processOfTransient(name)).toBeUndefined()
  }
})
