import { Header } from 'tar/header'
import { blockBytes, padded } from './entry.ts'
import { encodePax, type PaxRecords } from './pax.ts'

const types = {
  file: 'File',
  directory: 'Directory',
  'hard-link': 'Link',
  'symbolic-link': 'SymbolicLink',
} as const

/** An entry to be written. Names hold one character per byte, as in `TarEntry`. */
export interface NewEntry {
  readonly kind: keyof typeof types
  readonly name: string
  readonly linkName?: string
  readonly mode: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Bytes of content that follow; only for files. */
  readonly size?: number
}

/** The two zero blocks that end an archive. */
export const endOfArchive = Buffer.alloc(2 * blockBytes)

/**
 * The header blocks of an entry that belongs to root (ustar; an extended header before it where a name needs one). The
 * same entry always gives the same bytes.
 */
export function encodeEntry({ kind, name, linkName = '', mode, mtime, size = 0 }: NewEntry): Buffer {
  const records = new Map<string, string>()
  if (!fits(name)) records.set('path', name)
  if (!fits(linkName)) records.set('linkpath', linkName)
  const header = encodeBlock({
    type: types[kind],
    path: fits(name) ? name : 'extended',
    linkpath: fits(linkName) ? linkName : 'extended',
    mode,
    size,
    mtime: new Date(mtime * 1000),
  })
  return records.size === 0 ? header : Buffer.concat([encodeExtendedHeader(records), header])
}

/** An extended header for the entry after it. */
export function encodeExtendedHeader(records: PaxRecords): Buffer {
  const content = encodePax(records)
  const header = encodeBlock({
    type: 'ExtendedHeader',
    path: 'PaxHeader',
    linkpath: '',
    mode: 0o644,
    size: content.length,
    mtime: new Date(0),
  })
  return Buffer.concat([header, content], header.length + padded(content.length))
}

interface Block {
  readonly type: (typeof types)[keyof typeof types] | 'ExtendedHeader'
  readonly path: string
  readonly linkpath: string
  readonly mode: number
  readonly size: number
  readonly mtime: Date
}

function encodeBlock(fields: Block): Buffer {
  const block = Buffer.alloc(blockBytes)
  new Header({ ...fields, uid: 0, gid: 0, uname: '', gname: '', devmaj: 0, devmin: 0 }).encode(block)
  return block
}

/** The name fields hold 100 bytes. node-tar writes UTF-8, which is the same only for ASCII. */
function fits(name: string): boolean {
  return name.length < 100 && /^[\x20-\x7e]*$/.test(name)
}
