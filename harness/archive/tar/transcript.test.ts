import { expect, test } from 'vitest'
import type { EntryKind, TarEntry } from './entry.ts'
import { Transcript } from './transcript.ts'

function entry(kind: EntryKind, name: string, linkName = ''): TarEntry {
  return {
    kind,
    name,
    linkName,
    mode: 0,
    uid: 0,
    gid: 0,
    size: 0,
    xattrs: [],
    hasAccessList: false,
    offset: 0,
    headerBytes: 512,
    extendedBytes: 0,
    contentBytes: 0,
  }
}

const judged = [
  entry('directory', './'),
  entry('file', 'odd\nname'),
  entry('symbolic-link', 'q"uote\\', 'a -> b'),
  entry('hard-link', 'h', '\xff\x00b'.replace('\x00', '\x1b')),
  entry('character-device', 'null'),
]

const listing = [
  'drwxr-xr-x 0/0               0 2026-11-22 07:35 "./"',
  'drwxr-xr-x                  Creating directory: implied',
  '-rw-r--r-- 0/0      1073741826 2026-11-22 07:35 "odd\\nname"',
  'lrwxrwxrwx 0/0               0 2026-11-22 07:35 "q\\"uote\\\\" -> "a -> b"',
  'hrw-r--r-- 0/0               0 2026-11-22 07:35 "h" link to "\\377\\033b"',
  'crw-r--r-- 0/0             1,3 2026-11-22 07:35 "null"',
  '',
].join('\n')

function agreement(entries: readonly TarEntry[], text: string, chunkLength = 17): boolean {
  const transcript = new Transcript()
  for (const one of entries) transcript.addJudged(one)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkLength)
    transcript.addListing(bytes.subarray(at, at + chunkLength))
  return transcript.agrees()
}

test.each([1, 17, 10_000])('the same entries agree, listed in chunks of %i bytes', (length) => {
  expect(agreement(judged, listing, length)).toBe(true)
})

test.each<[string, readonly TarEntry[], string]>([
  ['an entry more', judged, `${listing}-rw-r--r-- 0/0 0 2026-11-22 07:35 "more"\n`],
  ['an entry less', judged, listing.replace(/crw.*\n/, '')],
  ['an incomplete line', judged, listing.slice(0, -1)],
  ['another name', judged, listing.replace('null', 'full')],
  ['another target', judged, listing.replace('a -> b', 'a -> c')],
  ['another kind', judged, listing.replace('crw', 'brw')],
  ['another order', judged.toReversed(), listing],
  [
    'the same characters divided otherwise',
    [entry('symbolic-link', 'a', 'bc')],
    'lrwxrwxrwx 0/0 0 2026-11-22 07:35 "ab" -> "c"\n',
  ],
  [
    'a link in place of a name',
    [entry('symbolic-link', 'a', 'b')],
    '-rw-r--r-- 0/0 0 2026-11-22 07:35 "a" "b"\n',
  ],
])('%s disagrees', (_, entries, text) => {
  expect(agreement(entries, text)).toBe(false)
})
