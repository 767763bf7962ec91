import { describe, expect, test } from 'vitest'
import { defaultArchiveLimits } from '../limits.ts'
import type { TarEntry } from './entry.ts'
import { TarReader } from './reader.ts'
import { encodeEntry, encodeExtendedHeader, endOfArchive, type NewEntry } from './writer.ts'

function readBack(bytes: Buffer): TarEntry[] {
  const reader = new TarReader({ archive: 'written', limits: defaultArchiveLimits })
  const pieces = [...reader.read(Buffer.concat([bytes, endOfArchive]))]
  reader.end()
  return pieces.flatMap((piece) => (piece.kind === 'entry' ? [piece.entry] : []))
}

describe('entries come back as they were written', () => {
  test.each<[string, NewEntry]>([
    ['directory', { kind: 'directory', name: 'tmp/', mode: 0o1777, mtime: 5 }],
    ['hard link', { kind: 'hard-link', name: 'bin/ls', linkName: 'bin/busybox', mode: 0o755, mtime: 5 }],
    ['symbolic link', { kind: 'symbolic-link', name: 'l', linkName: '/a b', mode: 0o777, mtime: 5 }],
    [
      'names of 99 bytes',
      { kind: 'symbolic-link', name: 'n'.repeat(99), linkName: 't'.repeat(99), mode: 0, mtime: 5 },
    ],
    [
      'names of 100 bytes',
      { kind: 'symbolic-link', name: 'n'.repeat(100), linkName: 't'.repeat(100), mode: 0, mtime: 5 },
    ],
    [
      'long names',
      { kind: 'hard-link', name: 'n/'.repeat(900), linkName: 't/'.repeat(500), mode: 0, mtime: 5 },
    ],
    [
      'names that are not UTF-8',
      { kind: 'symbolic-link', name: 'a\xff\n', linkName: '\x80', mode: 0, mtime: 5 },
    ],
  ])('%s', (_, entry) => {
    const { kind, name, linkName = '', mode } = entry
    expect(readBack(encodeEntry(entry))).toMatchObject([
      { kind, name, linkName, mode, uid: 0, gid: 0, size: 0 },
    ])
  })

  test('content is announced', () => {
    const header = encodeEntry({ kind: 'file', name: 'f', mode: 0o644, mtime: 5, size: 3 })
    expect(readBack(Buffer.concat([header, Buffer.from('abc'), Buffer.alloc(509)]))).toMatchObject([
      { contentBytes: 3 },
    ])
  })

  test('an extended header applies to the entry after it', () => {
    const entry = encodeEntry({ kind: 'file', name: 'f', mode: 0o644, mtime: 5 })
    expect(readBack(Buffer.concat([encodeExtendedHeader(new Map([['path', 'g']])), entry]))).toMatchObject([
      { name: 'g' },
    ])
  })
})

test('a file too large for octal digits', () => {
  const header = encodeEntry({ kind: 'file', name: 'f', mode: 0o644, mtime: 5, size: 2 ** 35 })
  const reader = new TarReader({ archive: 'written', limits: defaultArchiveLimits })
  expect([...reader.read(header)]).toMatchObject([{ entry: { contentBytes: 2 ** 35 } }])
})
