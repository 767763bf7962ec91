import { describe, expect, test } from 'vitest'
import { ArchiveCorruptError, ArchiveLimitError, ArchiveRefusedError } from '../errors.ts'
import { defaultArchiveLimits } from '../limits.ts'
import {
  type CraftedEntry,
  craftEntry,
  craftExtendedHeader,
  craftTar,
  endOfArchive,
} from './craft.fixture.ts'
import type { TarEntry } from './entry.ts'
import { TarReader, type TarReaderOptions } from './reader.ts'

const plain: TarReaderOptions = { archive: 'crafted', limits: defaultArchiveLimits }

interface Reading {
  readonly entries: TarEntry[]
  readonly contents: string[]
  readonly bytes: Buffer
}

function read(archive: Buffer, chunkLength = archive.length, options = plain): Reading {
  const reader = new TarReader(options)
  const entries: TarEntry[] = []
  const contents: string[] = []
  const bytes: Buffer[] = []
  for (let at = 0; at < archive.length; at += chunkLength) {
    for (const piece of reader.read(archive.subarray(at, at + chunkLength))) {
      if (piece.kind === 'entry') {
        entries.push(piece.entry)
        contents.push('')
      }
      if (piece.kind === 'content') contents.push((contents.pop() ?? '') + piece.bytes.toString('latin1'))
      bytes.push(...(piece.kind === 'content' ? [piece.bytes] : piece.blocks))
    }
  }
  reader.end()
  const cut = entries.map((entry, position) => (contents[position] ?? '').slice(0, entry.contentBytes))
  return { entries, contents: cut, bytes: Buffer.concat(bytes) }
}

const only = (entry: CraftedEntry): TarEntry | undefined => read(craftTar([entry])).entries[0]

const mixed = craftTar([
  { name: './', type: '5', mode: 0o1777 },
  { name: 'short', content: 'some content' },
  {
    name: 'x',
    content: Buffer.alloc(1300, 'b'),
    pax: { path: 'ex/tended', 'SCHILY.xattr.user.note': 'a=b\nc\0\xff' },
  },
  { name: 'cut', longName: `${'long/'.repeat(40)}name`, longLink: 'elsewhere', type: '2' },
  { name: 'name', prefix: 'above', type: '1', linkName: 'short', size: 12 },
])

describe('entries', () => {
  test('an archive is read the same in chunks of any length', () => {
    const whole = read(mixed)
    expect(whole.entries.map(({ kind, name }) => [kind, name])).toEqual([
      ['directory', './'],
      ['file', 'short'],
      ['file', 'ex/tended'],
      ['symbolic-link', `${'long/'.repeat(40)}name`],
      ['hard-link', 'above/name'],
    ])
    for (const length of [1, 7, 511, 512, 513, 1024, 5000]) expect(read(mixed, length)).toEqual(whole)
  })

  test('the bytes of all pieces are the archive', () => {
    expect(read(mixed, 700).bytes.equals(mixed)).toBe(true)
  })

  test('offsets lead to the header blocks and the content of each entry', () => {
    const { entries, contents } = read(mixed)
    for (const [position, { offset, headerBytes, contentBytes }] of entries.entries()) {
      const start = offset + headerBytes
      expect(mixed.toString('latin1', start, start + contentBytes)).toBe(contents[position])
    }
    expect(entries[2]).toMatchObject({ headerBytes: 3 * 512, extendedBytes: 2 * 512 })
    expect(entries[4]).toMatchObject({ headerBytes: 512, extendedBytes: 0 })
  })

  test('what follows the end of the archive is not read', () => {
    expect(read(Buffer.concat([mixed, Buffer.from('rubbish')])).bytes.equals(mixed)).toBe(true)
  })

  test('endless zeros after the end are an error', () => {
    const reader = new TarReader(plain)
    const chunk = Buffer.alloc(1024 ** 2)
    const readMuch = (): void => {
      for (let count = 0; count < 70; count += 1) for (const _piece of reader.read(chunk));
    }
    expect(readMuch).toThrow(ArchiveCorruptError)
  })

  test('an archive without entries is complete', () => {
    expect(read(endOfArchive).entries).toEqual([])
  })

  test.each<[string, CraftedEntry, Partial<TarEntry>]>([
    ['v7', { name: 'old', magic: '', prefix: 'ignored' }, { name: 'old', kind: 'file' }],
    ['a type of NUL', { name: 'old', type: '\0' }, { kind: 'file' }],
    ['a file with a slash at its end', { name: 'old/' }, { kind: 'directory' }],
    ['contiguous file', { name: 'c', type: '7', content: 'abc' }, { kind: 'file', size: 3 }],
    ['bytes after the NUL of a name', { name: 'seen\0\nhidden' }, { name: 'seen' }],
    ['a name that is not UTF-8', { name: 'a\xff\xfe' }, { name: 'a\xff\xfe' }],
    ['a name of 100 bytes', { name: 'n'.repeat(100) }, { name: 'n'.repeat(100) }],
    [
      'numbers in base 256',
      { name: 'n', uid: 3_000_000_000, gid: 2 ** 40 },
      { uid: 3_000_000_000, gid: 2 ** 40 },
    ],
    [
      'owner from an extended header',
      { name: 'n', pax: { uid: '70000', gid: '0' } },
      { uid: 70_000, gid: 0 },
    ],
    [
      'an extended header before a long name',
      { name: 'n', longName: 'gnu', pax: { path: 'pax' } },
      { name: 'pax' },
    ],
    ['a long link', { name: 'n', type: '2', longLink: 'k' }, { linkName: 'k' }],
    ['a link in an extended header', { name: 'n', type: '2', pax: { linkpath: 'p' } }, { linkName: 'p' }],
    ['mode bits above permissions', { name: 'n', mode: 0o104755 }, { mode: 0o4755 }],
    [
      'attributes',
      { name: 'n', pax: { 'SCHILY.xattr.security.capability': '\x01' } },
      { xattrs: ['security.capability'] },
    ],
    ['access list', { name: 'n', pax: { 'SCHILY.acl.access': 'user::rw-' } }, { hasAccessList: true }],
    [
      'sparse file of the old kind',
      {
        name: 's',
        type: 'S',
        magic: 'ustar  \0',
        content: 'data',
        alter: (block) => void block.write('00000100000\0', 483),
      },
      { kind: 'file', size: 0o100000, contentBytes: 4 },
    ],
    [
      'sparse file in pax 1.0',
      {
        name: 'GNUSparseFile.0/s',
        content: 'map and data',
        pax: {
          'GNU.sparse.major': '1',
          'GNU.sparse.name': 's',
          'GNU.sparse.realsize': '99999',
          path: 'other',
        },
      },
      { name: 's', size: 99_999, contentBytes: 12 },
    ],
  ])('%s', (_, entry, expected) => {
    expect(only(entry)).toMatchObject(expected)
  })

  test('a sparse header goes on in further blocks', () => {
    const continued = Buffer.alloc(512)
    continued[504] = 1
    const header = craftEntry({
      name: 's',
      type: 'S',
      magic: 'ustar  \0',
      size: 512,
      alter: (block) => {
        block[482] = 1
        block.write('00000100000\0', 483)
      },
    })
    const archive = Buffer.concat([
      header,
      continued,
      Buffer.alloc(512),
      Buffer.alloc(512, 'd'),
      craftTar([{ name: 'next' }]),
    ])
    expect(read(archive).entries.map(({ name, headerBytes }) => [name, headerBytes])).toEqual([
      ['s', 1536],
      ['next', 512],
    ])
  })
})

describe('damage', () => {
  test('every truncation is an error', () => {
    for (let length = 0; length < mixed.length; length += 1) {
      expect(() => read(mixed.subarray(0, length), 4096), `${length} bytes`).toThrow(ArchiveCorruptError)
    }
  })

  test('the end may be missing where the caller knows that nothing is, but not within an entry', () => {
    const options = { ...plain, mayEndEarly: true }
    const withoutEnd = craftEntry({ name: 'a', content: 'abc' })
    expect(read(withoutEnd, 512, options).entries).toHaveLength(1)
    expect(() => read(withoutEnd)).toThrow(ArchiveCorruptError)
    expect(() => read(withoutEnd.subarray(0, 515), 512, options)).toThrow(ArchiveCorruptError)
    expect(() => read(craftExtendedHeader('x', { path: 'a' }), 512, options)).toThrow(ArchiveCorruptError)
  })

  const entry = craftEntry({ name: 'a', content: 'abc' })
  test.each<[string, Buffer]>([
    ['a wrong checksum', craftTar([{ name: 'a', checksumError: 1 }])],
    ['no tar archive at all', Buffer.alloc(4096, 'text ')],
    ['a number that is none', craftTar([{ name: 'a', alter: (block) => void block.write('0000x', 124) }])],
    [
      'a number after a NUL',
      craftTar([{ name: 'a', alter: (block) => void block.write('\x0000000000012', 124) }]),
    ],
    ['a negative size', craftTar([{ name: 'a', alter: (block) => void block.fill(0xff, 124, 136) }])],
    [
      'a size beyond all files',
      craftTar([{ name: 'a', alter: (block) => void block.write('80ffffffffffffffffffffff', 124, 'hex') }]),
    ],
    ['a symbolic link with content', craftTar([{ name: 'a', type: '2', linkName: 'b', content: 'abc' }])],
    ['a directory with content', craftTar([{ name: 'a', type: '5', content: 'abc' }])],
    ['a file with content whose name ends like a directory', craftTar([{ name: 'a/', content: 'abc' }])],
    [
      'a device with a size in its extended header',
      craftTar([{ name: 'a', type: '3', pax: { size: '512' } }]),
    ],
    [
      'two extended headers',
      Buffer.concat([craftExtendedHeader('x', { path: 'b' }), craftTar([{ name: 'a', pax: { path: 'c' } }])]),
    ],
    ['an extended header at the end', Buffer.concat([craftExtendedHeader('x', { path: 'b' }), endOfArchive])],
    [
      'a global header that renames',
      Buffer.concat([craftExtendedHeader('g', { path: 'b' }), craftTar([{ name: 'a' }])]),
    ],
    ['a zero block among the entries', Buffer.concat([entry, Buffer.alloc(512), entry, endOfArchive])],
    [
      'an extended header of rubbish',
      Buffer.concat([craftEntry({ name: 'p', type: 'x', content: 'rubbish' }), entry, endOfArchive]),
    ],
    [
      'a record longer than its header',
      Buffer.concat([craftEntry({ name: 'p', type: 'x', content: '99 path=a\n' }), entry, endOfArchive]),
    ],
    ['a size that is no number', craftTar([{ name: 'a', pax: { size: '1e3' } }])],
  ])('%s', (_, archive) => {
    expect(() => read(archive, 700)).toThrow(ArchiveCorruptError)
  })

  test('a size that no number here can hold is not rounded', () => {
    const tooLarge = (block: Buffer): void => void block.write('800000000020000000000001', 124, 'hex')
    expect(() => read(craftTar([{ name: 'a', alter: tooLarge }]))).toThrow(/impossible size/)
  })

  test('a global header with a comment is accepted', () => {
    const archive = Buffer.concat([
      craftExtendedHeader('g', { comment: 'from git' }),
      craftTar([{ name: 'a' }]),
    ])
    expect(read(archive).entries.map(({ name }) => name)).toEqual(['a'])
  })

  test.each(['V', 'M', 'D', 'N', 'A', '~'])('type %s is refused with the name of the entry', (type) => {
    const reading = (): unknown => read(craftTar([{ name: 'odd', type }]))
    expect(reading).toThrow(ArchiveRefusedError)
    expect(reading).toThrow('"odd"')
  })

  test('a long name of NULs takes no time beyond its length', () => {
    const reading = read(craftTar([{ name: 'a', longName: `${'\0'.repeat(1_000_000)}b` }]))
    expect(reading.entries[0]?.name).toHaveLength(1_000_001)
  })

  test('headers of an entry are limited before they are kept', () => {
    const limits = { ...defaultArchiveLimits, metadataBytes: 4096 }
    const archive = craftTar([{ name: 'a', pax: { comment: 'c'.repeat(5000) } }])
    expect(() => read(archive, 512, { archive: 'crafted', limits })).toThrow(ArchiveLimitError)
    const sparse = craftEntry({ name: 's', type: 'S', alter: (block) => void block.fill(1, 482, 483) })
    const endless = Buffer.concat([sparse, ...Array.from({ length: 20 }, () => Buffer.alloc(512, 1))])
    expect(() => read(endless, 512, { archive: 'crafted', limits })).toThrow(ArchiveLimitError)
  })
})
