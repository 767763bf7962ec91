import { expect, test } from 'vitest'
import { parseLoaderCache } from './library-search.ts'

/** A table as ldconfig(8) writes it, with nothing in the fields that the search does not read. */
function loaderCache(entries: readonly (readonly [name: string, path: string])[]): Buffer {
  const tableSize = 48 + entries.length * 24
  const table = new DataView(new ArrayBuffer(tableSize))
  const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
  table.setUint32(20, entries.length, littleEndian)
  let strings = ''
  entries.forEach(([name, path], position) => {
    table.setUint32(48 + position * 24 + 4, tableSize + strings.length, littleEndian)
    table.setUint32(48 + position * 24 + 8, tableSize + strings.length + name.length + 1, littleEndian)
    strings += `${name}\0${path}\0`
  })
  const bytes = Buffer.concat([Buffer.from(table.buffer), Buffer.from(strings)])
  bytes.write('glibc-ld.so.cache1.1', 'latin1')
  return bytes
}

const entries = [
  ['libc.so.6', '/lib/fast/libc.so.6'],
  ['libc.so.6', '/lib/libc.so.6'],
  ['libm.so.6', '/lib/libm.so.6'],
] as const
const expected = new Map([
  ['libc.so.6', ['/lib/fast/libc.so.6', '/lib/libc.so.6']],
  ['libm.so.6', ['/lib/libm.so.6']],
])

test('reads the paths of each library in order', () => {
  expect(parseLoaderCache(loaderCache(entries))).toEqual(expected)
})

test('reads the table behind an older one', () => {
  const older = Buffer.from('ld.so-1.7.0\0\0\0\0\0')
  expect(parseLoaderCache(Buffer.concat([older, loaderCache(entries)]))).toEqual(expected)
})

test('finds nothing in anything else', () => {
  expect(parseLoaderCache(Buffer.from('something else'))).toEqual(new Map())
})
