import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findProgram } from './find-program.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'find-'))
  vi.stubEnv('PATH', `${place}/first:${place}/second`)
  for (const directory of ['first', 'second']) mkdirSync(join(place, directory))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true })
})

test('takes the first executable file on PATH', () => {
  writeFileSync(join(place, 'first', 'tool'), '', { mode: 0o644 })
  writeFileSync(join(place, 'second', 'tool'), '', { mode: 0o755 })
  expect(findProgram('tool')).toBe(join(place, 'second', 'tool'))
})

test('does not look in relative entries of PATH', () => {
  writeFileSync(join(place, 'first', 'tool'), '', { mode: 0o755 })
  vi.stubEnv('PATH', relative(process.cwd(), join(place, 'first')))
  expect(findProgram('tool')).toBeUndefined()
})

test('does not take a directory', () => {
  mkdirSync(join(place, 'first', 'folder'))
  expect(findProgram('folder')).toBeUndefined()
})

test('looks in the system directories as well', () => {
  expect(findProgram('sh')).toMatch(/^\/(usr\/)?bin\/sh$/)
})

test('takes a path as it is, and makes it absolute', () => {
  writeFileSync(join(place, 'tool'), '', { mode: 0o755 })
  expect(findProgram(`${place}/first/../tool`)).toBe(join(place, 'tool'))
  expect(findProgram('./no-such-tool')).toBeUndefined()
})
