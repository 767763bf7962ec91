import { spawnSync } from 'node:child_process'
import { readFileSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { closeDescriptor, createPipe } from './index.ts'

test('what goes in comes out, and the end is seen', () => {
  const { readable, writable } = createPipe()
  writeSync(writable, 'hello')
  closeDescriptor(writable)
  expect(readFileSync(readable, 'utf8')).toBe('hello')
  closeDescriptor(readable)
})

test('children inherit neither end', () => {
  const { readable, writable } = createPipe()
  const { stdout } = spawnSync('sh', ['-c', 'ls -l /proc/self/fd'], { encoding: 'utf8' })
  expect(stdout).toMatch(/ 0 -> /)
  expect(stdout).not.toMatch(new RegExp(` (${readable}|${writable}) -> `))
  closeDescriptor(readable)
  closeDescriptor(writable)
})

test('closing what is not open is an error', () => {
  expect(() => closeDescriptor(99_999)).toThrow('close failed with EBADF')
})
