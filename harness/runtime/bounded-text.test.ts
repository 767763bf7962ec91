import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beginningOf, readFileBounded, withMark } from './bounded-text.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-text-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

describe('readFileBounded', () => {
  test('reads a whole file that is small enough', () => {
    const file = join(directory, 'file')
    writeFileSync(file, 'hello\n')
    expect(readFileBounded(file, 6)).toEqual({ text: 'hello\n', omittedBytes: 0 })
  })

  test('leaves the rest unread, also where it begins later', () => {
    const file = join(directory, 'file')
    writeFileSync(file, '0123456789')
    expect(readFileBounded(file, 3)).toEqual({ text: '012', omittedBytes: 7 })
    expect(readFileBounded(file, 3, 5)).toEqual({ text: '567', omittedBytes: 2 })
    expect(readFileBounded(file, 3, 50)).toEqual({ text: '', omittedBytes: 0 })
  })

  test('a file of a terabyte costs no more than was asked for', () => {
    const file = join(directory, 'huge')
    writeFileSync(file, 'start')
    truncateSync(file, 2 ** 40)
    expect(readFileBounded(file, 5)).toEqual({ text: 'start', omittedBytes: 2 ** 40 - 5 })
  })

  test('bytes that are no UTF-8 are replaced', () => {
    const file = join(directory, 'file')
    writeFileSync(file, Buffer.from([0x61, 0xff, 0xfe, 0x62]))
    expect(readFileBounded(file, 100)?.text).toBe('a\uFFFD\uFFFDb')
  })

  test('a missing file has no text', () => {
    expect(readFileBounded(join(directory, 'nothing'), 10)).toBeUndefined()
  })
})

test('a cut text says how much is missing', () => {
  expect(withMark({ text: 'abc', omittedBytes: 7 })).toBe('abc\n[cut here: 7 more bytes]')
  expect(withMark({ text: 'abc', omittedBytes: 0 })).toBe('abc')
})

describe('beginningOf', () => {
  test('says how much is missing, and nothing where nothing is', () => {
    expect(beginningOf('abc', 3)).toBe('abc')
    expect(beginningOf('abcdef', 4)).toBe('abcd\n[cut here: 2 more characters]')
  })

  test('does not keep the text that it was cut from in memory', () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage: unknown = runInNewContext('gc')
    if (typeof collectGarbage !== 'function') throw new Error('garbage cannot be collected at will')
    collectGarbage()
    const used = () => process.memoryUsage().heapUsed + process.memoryUsage().external
    const before = used()
    const kept = Array.from({ length: 10 }, (_, number) =>
      beginningOf(Buffer.alloc(8 * 2 ** 20, 97 + number).toString(), 1000),
    )
    collectGarbage()
    collectGarbage() // Node 24 gives back buffers of the first time only by now
    expect(used() - before).toBeLessThan(16 * 2 ** 20)
    expect(kept).toHaveLength(10)
  })
})
