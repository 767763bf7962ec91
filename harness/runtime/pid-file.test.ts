import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPidFile } from './pid-file.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-pid-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

test.each([
  ['4242', 4242],
  ['4242\n', 4242],
  [' 7 \n', 7],
])('%j is a pid', (text, pid) => {
  writeFileSync(join(directory, 'pid'), text)
  expect(readPidFile(join(directory, 'pid'))).toBe(pid)
})

test.each(['', '0', '-1', '12a', '1.5', '99999999999999999999'])('%j is none', (text) => {
  writeFileSync(join(directory, 'pid'), text)
  expect(readPidFile(join(directory, 'pid'))).toEqual({ nonsense: text })
})

test('a missing file is said to be missing', () => {
  expect(readPidFile(join(directory, 'pid'))).toBe('missing')
})
