import { describe, expect, test } from 'vitest'
import { ArchiveLimitError, ArchiveRefusedError } from '../errors.ts'
import { type ArchiveLimits, defaultArchiveLimits } from '../limits.ts'
import type { EntryKind, TarEntry } from './entry.ts'
import { EntryJudge } from './judge.ts'

type Short = readonly [kind: EntryKind, name: string, linkName?: string]

function judge(entries: readonly Short[], limits: Partial<ArchiveLimits> = {}): string[] {
  const judging = new EntryJudge('crafted', { ...defaultArchiveLimits, ...limits })
  return entries.map(([kind, name, linkName = '']) => judging.judge(entry(kind, name, linkName)))
}

function entry(kind: EntryKind, name: string, linkName: string): TarEntry {
  const bytes = kind === 'file' ? 100 : 0
  return {
    kind,
    name,
    linkName,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes * 2,
    xattrs: [],
    hasAccessList: false,
    offset: 0,
    headerBytes: 512,
    extendedBytes: 0,
    contentBytes: bytes,
  }
}

describe('accepted', () => {
  test.each<[string, readonly Short[], string[]]>([
    ['the destination itself', [['directory', './']], ['']],
    ['names are reduced to their parts', [['file', './/a/./b//c']], ['a/b/c']],
    ['dots within a name', [['file', '..a/b..']], ['..a/b..']],
    ['an absolute symbolic link', [['symbolic-link', 'sh', '/bin/busybox']], ['sh']],
    ['a symbolic link that climbs', [['symbolic-link', 'a/b', '../../../etc']], ['a/b']],
    [
      'a hard link to a file',
      [
        ['file', 'a'],
        ['hard-link', 'b', './a'],
      ],
      ['a', 'b'],
    ],
    [
      'a hard link to a symbolic link',
      [
        ['symbolic-link', 'a', '/x'],
        ['hard-link', 'b', 'a'],
      ],
      ['a', 'b'],
    ],
    [
      'a name that begins like a link',
      [
        ['symbolic-link', 'lib', '/x'],
        ['file', 'lib64/a'],
      ],
      ['lib', 'lib64/a'],
    ],
    [
      'devices and FIFOs',
      [
        ['character-device', 'c'],
        ['block-device', 'b'],
        ['fifo', 'f'],
      ],
      ['c', 'b', 'f'],
    ],
  ])('%s', (_, entries, names) => {
    expect(judge(entries)).toEqual(names)
  })
})

describe('refused', () => {
  test.each<[string, readonly Short[], string]>([
    ['an absolute name', [['file', '/etc/passwd']], 'absolute'],
    ['a name that climbs at its start', [['file', '../a']], 'contains ..'],
    ['a name that climbs in its middle', [['file', 'a/../../b']], 'contains ..'],
    ['a name that climbs at its end', [['directory', 'a/..']], 'contains ..'],
    ['an empty name', [['file', '']], 'empty'],
    ['a name with NUL', [['file', 'a\0b']], 'NUL'],
    [
      'a file below a symbolic link',
      [
        ['symbolic-link', 'a', '/etc'],
        ['file', 'a/passwd'],
      ],
      'lies below "a"',
    ],
    [
      'a directory below a symbolic link',
      [
        ['symbolic-link', 'a', 'b'],
        ['directory', 'a/b/c/'],
      ],
      'lies below "a"',
    ],
    [
      'deep below a symbolic link',
      [
        ['symbolic-link', 'a/b', '..'],
        ['file', 'a/b/c/d'],
      ],
      'lies below "a/b"',
    ],
    [
      'a link below a link, written differently',
      [
        ['symbolic-link', './a//b', '/'],
        ['symbolic-link', 'a/./b/c', 'x'],
      ],
      'lies below',
    ],
    [
      'below a directory that became a link',
      [
        ['file', 'a/b'],
        ['symbolic-link', 'a', '/'],
        ['file', 'a/c'],
      ],
      'lies below',
    ],
    [
      'below a hard link to a link',
      [
        ['symbolic-link', 'a', '/'],
        ['hard-link', 'b', 'a'],
        ['file', 'b/c'],
      ],
      'lies below "b"',
    ],
    [
      'below a hard link to a hard link to a link',
      [
        ['symbolic-link', 'a', '/'],
        ['hard-link', 'b', 'a'],
        ['hard-link', 'c', './b'],
        ['file', 'c/d'],
      ],
      'lies below "c"',
    ],
    [
      'below a directory that a hard link to a link in it replaces',
      [
        ['symbolic-link', 'a/b', '/'],
        ['hard-link', 'a', 'a/b'],
        ['file', 'a/c'],
      ],
      'lies below "a"',
    ],
    ['an absolute hard link', [['hard-link', 'a', '/etc/passwd']], 'absolute'],
    ['a hard link that climbs', [['hard-link', 'a', 'b/../../c']], 'contains ..'],
    ['a hard link to nothing', [['hard-link', 'a', '']], 'empty'],
    ['a hard link to the destination', [['hard-link', 'a', './']], 'destination'],
    [
      'a hard link through a symbolic link',
      [
        ['symbolic-link', 'a', '/etc'],
        ['hard-link', 'b', 'a/passwd'],
      ],
      'below "a"',
    ],
    ['a hard link with NUL', [['hard-link', 'a', 'b\0c']], 'NUL'],
    ['a symbolic link to nothing', [['symbolic-link', 'a', '']], 'without a target'],
    ['a symbolic link with NUL', [['symbolic-link', 'a', 'b\0']], 'NUL'],
    ['a symbolic link longer than a path', [['symbolic-link', 'a', 'b'.repeat(4096)]], '4096 bytes'],
    ['a symbolic link as the destination', [['symbolic-link', './', '/etc']], 'in place of the destination'],
    ['a file as the destination', [['file', '.']], 'in place of the destination'],
  ])('%s', (_, entries, reason) => {
    const last = entries.slice(0, -1)
    expect(() => judge(last)).not.toThrow()
    expect(() => judge(entries)).toThrow(ArchiveRefusedError)
    expect(() => judge(entries)).toThrow(reason)
  })

  test('the error names archive and entry', () => {
    expect(() => judge([['file', '/etc/\x1b[31mred']])).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_REFUSED', archive: 'crafted', entry: '"/etc/\\x1b[31mred"' }),
    )
  })
})

describe('limits', () => {
  test('extended headers count as content', () => {
    const judging = new EntryJudge('crafted', { ...defaultArchiveLimits, contentBytes: 1000 })
    const extended = { ...entry('fifo', 'a', ''), extendedBytes: 600 }
    judging.judge(extended)
    expect(() => judging.judge(extended)).toThrow(expect.objectContaining({ limit: 'contentBytes' }))
  })

  test.each<[keyof ArchiveLimits, number, readonly Short[]]>([
    [
      'entries',
      2,
      [
        ['file', 'a'],
        ['file', 'b'],
        ['file', 'c'],
      ],
    ],
    [
      'contentBytes',
      200,
      [
        ['file', 'a'],
        ['file', 'b'],
        ['file', 'c'],
      ],
    ],
    [
      'apparentBytes',
      400,
      [
        ['file', 'a'],
        ['file', 'b'],
        ['file', 'c'],
      ],
    ],
    [
      'nameBytes',
      9,
      [
        ['file', 'aaa'],
        ['symbolic-link', 'b', 'bbbbb'],
        ['fifo', 'c'],
      ],
    ],
    [
      'pathBytes',
      6,
      [
        ['file', 'a/b/cd'],
        ['file', 'a/b/cde'],
      ],
    ],
    [
      'componentBytes',
      3,
      [
        ['file', 'abc/def'],
        ['file', 'abcd'],
      ],
    ],
    [
      'depth',
      2,
      [
        ['file', 'a/b/c'],
        ['file', 'a/b/c/d'],
      ],
    ],
  ])('%s', (limit, most, entries) => {
    expect(() => judge(entries.slice(0, -1), { [limit]: most })).not.toThrow()
    const beyond = (): unknown => judge(entries, { [limit]: most })
    expect(beyond).toThrow(ArchiveLimitError)
    expect(beyond).toThrow(expect.objectContaining({ limit }))
  })
})
