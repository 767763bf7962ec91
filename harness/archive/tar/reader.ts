import { displayName } from '../entry-name.ts'
import { ArchiveCorruptError, ArchiveLimitError, ArchiveRefusedError } from '../errors.ts'
import type { ArchiveLimits } from '../limits.ts'
import { blockBytes, type EntryKind, padded, type TarEntry } from './entry.ts'
import { decodeHeader, isZero, sparseMapContinues, TarFormatError, type TarHeader } from './header.ts'
import { decodePax, type PaxRecords } from './pax.ts'

/** What a stretch of the archive is. Put together in order, the bytes of all pieces are the archive. */
export type TarPiece =
  | {
      readonly kind: 'entry'
      readonly entry: TarEntry
      readonly pax: PaxRecords
      readonly blocks: readonly Buffer[]
    }
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly blocks: readonly Buffer[] }

export interface TarReaderOptions {
  /** Name of the archive for errors. */
  readonly archive: string
  readonly limits: ArchiveLimits
  /**
   * Whether an archive may end without the two zero blocks. Only where a digest has shown that nothing is missing:
   * some builders of image layers leave them out.
   */
  readonly mayEndEarly?: boolean
}

/** An extended header, long name or long link whose content is being collected. */
interface Metadata {
  readonly type: string
  readonly size: number
  readonly parts: Buffer[]
  missing: number
}

const kinds: Readonly<Record<string, EntryKind>> = {
  '0': 'file',
  '1': 'hard-link',
  '2': 'symbolic-link',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  S: 'file',
}

/** Extended header, Solaris's form of it, global extended header, GNU long name, GNU long link. */
const metadataTypes = new Set(['x', 'X', 'g', 'L', 'K'])
const noRecords: PaxRecords = new Map()

/** Far more than any padding to whole tape records; compressed, endless zeros take no space and much time. */
const mostTrailingBytes = 64 * 1024 ** 2

/** What a global header may not say: it would rename or resize every entry after it. */
const neverGlobal = /^(?:path|linkpath|size|GNU\.sparse\..*|SCHILY\.(?:xattr|acl)\..*)$/

/**
 * Reads a tar archive (v7, ustar, pax, GNU) as chunks of it arrive, remembering nothing but the entry at hand.
 *
 * It follows GNU tar's reading wherever writers differ, because GNU tar will unpack what is judged here, and takes for
 * damage or refuses what the two could read differently: content after an entry that has none, two long names for one
 * entry, types no rootfs has. See `Transcript` for the check that both read the same.
 */
export class TarReader {
  readonly #archive: string
  readonly #limits: ArchiveLimits
  readonly #mayEndEarly: boolean
  /** Part of a block, until the next chunk completes it. */
  #rest: Buffer = Buffer.alloc(0)
  #offset = 0
  #entryOffset = 0
  /** Content and padding of the current entry that has not come yet. */
  #missingContent = 0
  #blocks: Buffer[] = []
  /** How many of these are extended headers. */
  #extendedBlocks = 0
  #metadata: Metadata | undefined
  /** A GNU sparse header of the old kind that goes on in further blocks. */
  #sparseHeader: TarHeader | undefined
  #pax: PaxRecords | undefined
  #longName: string | undefined
  #longLink: string | undefined
  #zeroBlocks = 0
  #isComplete = false
  #trailingBytes = 0

  constructor({ archive, limits, mayEndEarly = false }: TarReaderOptions) {
    this.#archive = archive
    this.#limits = limits
    this.#mayEndEarly = mayEndEarly
  }

  /** Whether the two zero blocks that end an archive have been read; what comes after them is only counted. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /**
   * Takes the next chunk and gives the pieces it completes. They must all be taken before the next chunk is given.
   *
   * @throws ArchiveCorruptError, ArchiveRefusedError, ArchiveLimitError
   */
  *read(chunk: Buffer): Generator<TarPiece, void, undefined> {
    if (this.#isComplete) this.#skipTrailing(chunk.length)
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (let length = this.#next(bytes.length); length > 0; length = this.#next(bytes.length - at)) {
      const taken = bytes.subarray(at, at + length)
      at += length
      this.#offset += length
      const piece = this.#missingContent > 0 ? this.#readContent(taken) : this.#readBlock(taken)
      if (piece !== undefined) yield piece
    }
    this.#rest = this.#isComplete ? Buffer.alloc(0) : bytes.subarray(at)
  }

  /**
   * Says that there are no further chunks.
   *
   * @throws ArchiveCorruptError when the archive is not complete.
   */
  end(): void {
    if (this.#isComplete) return
    if (this.#offset === 0 && this.#rest.length === 0) throw this.#corrupt('it is empty')
    const isBetweenEntries =
      this.#missingContent === 0 && this.#rest.length === 0 && this.#blocks.length === this.#zeroBlocks
    if (isBetweenEntries && this.#mayEndEarly) return
    throw this.#corrupt(`it is cut off after ${this.#offset + this.#rest.length} bytes`)
  }

  /** How many of the bytes at hand belong together: content, or one block; none when a block is not whole yet. */
  #next(available: number): number {
    if (this.#isComplete) return 0
    if (this.#missingContent > 0) return Math.min(this.#missingContent, available)
    return available < blockBytes ? 0 : blockBytes
  }

  #readContent(bytes: Buffer): TarPiece {
    this.#missingContent -= bytes.length
    return { kind: 'content', bytes }
  }

  #skipTrailing(length: number): void {
    this.#trailingBytes += length
    if (this.#trailingBytes <= mostTrailingBytes) return
    throw this.#corrupt(`more than ${mostTrailingBytes} bytes follow its end`)
  }

  #readBlock(block: Buffer): TarPiece | undefined {
    if (this.#blocks.length === 0) this.#entryOffset = this.#offset - blockBytes
    this.#blocks.push(block)
    if (this.#metadata !== undefined) return this.#collect(this.#metadata, block)
    if (this.#sparseHeader !== undefined) return this.#continueSparse(this.#sparseHeader, block)
    if (isZero(block)) return this.#readZeroBlock()
    if (this.#zeroBlocks > 0) throw this.#corrupt('a zero block stands among the entries')
    return this.#readHeader(this.#understand(() => decodeHeader(block)))
  }

  #readZeroBlock(): TarPiece | undefined {
    this.#zeroBlocks += 1
    if (this.#blocks.length > this.#zeroBlocks) throw this.#corrupt('an extended header has no entry')
    if (this.#zeroBlocks < 2) return undefined
    this.#isComplete = true
    return { kind: 'end', blocks: this.#blocks }
  }

  #readHeader(header: TarHeader): TarPiece | undefined {
    if (metadataTypes.has(header.type)) return this.#beginMetadata(header)
    if (header.sparse?.continues !== true) return this.#completeEntry(header)
    this.#sparseHeader = header
    return undefined
  }

  #continueSparse(header: TarHeader, block: Buffer): TarPiece | undefined {
    this.#limitMetadata(this.#blocks.length * blockBytes, header.name)
    return sparseMapContinues(block) ? undefined : this.#completeEntry(header)
  }

  #beginMetadata({ type, size, name }: TarHeader): undefined {
    this.#limitMetadata(this.#blocks.length * blockBytes + size, name)
    this.#metadata = { type, size, parts: [], missing: padded(size) }
    if (size === 0) this.#completeMetadata(this.#metadata)
  }

  #collect(metadata: Metadata, block: Buffer): undefined {
    metadata.parts.push(block)
    metadata.missing -= blockBytes
    if (metadata.missing === 0) this.#completeMetadata(metadata)
  }

  #completeMetadata({ type, size, parts }: Metadata): void {
    this.#metadata = undefined
    this.#extendedBlocks = this.#blocks.length
    const content = Buffer.concat(parts).subarray(0, size)
    if (type === 'L') this.#longName = this.#once(this.#longName, withoutLastNul(content), 'two long names')
    else if (type === 'K')
      this.#longLink = this.#once(this.#longLink, withoutLastNul(content), 'two long link names')
    else if (type === 'g') this.#checkGlobal(this.#understand(() => decodePax(content)))
    else
      this.#pax = this.#once(
        this.#pax,
        this.#understand(() => decodePax(content)),
        'two extended headers',
      )
  }

  #once<Value>(before: Value | undefined, value: Value, what: string): Value {
    if (before !== undefined) throw this.#corrupt(`an entry has ${what}`)
    return value
  }

  #checkGlobal(records: PaxRecords): void {
    const key = [...records.keys()].find((name) => neverGlobal.test(name))
    if (key !== undefined)
      throw this.#corrupt(`a global extended header sets ${displayName(key)} for all entries`)
  }

  #completeEntry(header: TarHeader): TarPiece {
    const pax = this.#pax ?? noRecords
    const name = pax.get('GNU.sparse.name') ?? pax.get('path') ?? this.#longName ?? header.name
    const kind = this.#kindOf(header, name)
    const contentBytes = this.#contentBytes(kind, name, header, pax)
    const entry: TarEntry = {
      kind,
      name,
      linkName: pax.get('linkpath') ?? this.#longLink ?? header.linkName,
      mode: header.mode,
      uid: this.#number(pax, 'uid') ?? header.uid,
      gid: this.#number(pax, 'gid') ?? header.gid,
      size: this.#apparentSize(header, pax) ?? contentBytes,
      xattrs: [...pax.keys()].flatMap((key) =>
        key.startsWith(xattrPrefix) ? [key.slice(xattrPrefix.length)] : [],
      ),
      hasAccessList: pax.has('SCHILY.acl.access') || pax.has('SCHILY.acl.default'),
      offset: this.#entryOffset,
      headerBytes: this.#blocks.length * blockBytes,
      extendedBytes: this.#extendedBlocks * blockBytes,
      contentBytes,
    }
    const piece: TarPiece = { kind: 'entry', entry, pax, blocks: this.#blocks }
    this.#missingContent = padded(contentBytes)
    this.#forgetEntry()
    return piece
  }

  #forgetEntry(): void {
    this.#blocks = []
    this.#extendedBlocks = 0
    this.#sparseHeader = undefined
    this.#pax = undefined
    this.#longName = undefined
    this.#longLink = undefined
  }

  #kindOf({ type }: TarHeader, name: string): EntryKind {
    const kind = kinds[type]
    if (kind === undefined) {
      throw new ArchiveRefusedError(
        this.#archive,
        displayName(name),
        `is of type ${displayName(type)}, which no rootfs has`,
      )
    }
    // BSD tar wrote directories so, and GNU tar still takes them for such.
    return kind === 'file' && name.endsWith('/') ? 'directory' : kind
  }

  #contentBytes(kind: EntryKind, name: string, header: TarHeader, pax: PaxRecords): number {
    const size = this.#number(pax, 'size') ?? header.size
    if (kind === 'file') return size
    // GNU tar takes the recorded size of a hard link for that of the file it shares: there is no content.
    if (kind !== 'hard-link' && size > 0)
      throw this.#corrupt(`entry ${displayName(name)} is a ${kind} with content`)
    return 0
  }

  #apparentSize(header: TarHeader, pax: PaxRecords): number | undefined {
    return (
      this.#number(pax, 'GNU.sparse.realsize') ??
      this.#number(pax, 'GNU.sparse.size') ??
      header.sparse?.realSize
    )
  }

  #number(pax: PaxRecords, key: string): number | undefined {
    const value = pax.get(key)
    if (value === undefined) return undefined
    if (!/^[0-9]{1,16}$/.test(value) || !Number.isSafeInteger(Number(value))) {
      throw this.#corrupt(`an extended header has no valid ${key}`)
    }
    return Number(value)
  }

  #limitMetadata(bytes: number, name: string): void {
    if (bytes <= this.#limits.metadataBytes) return
    const reason = `has ${bytes} bytes of extended headers, more than ${this.#limits.metadataBytes}`
    throw new ArchiveLimitError(this.#archive, displayName(name), 'metadataBytes', reason)
  }

  #understand<Value>(decode: () => Value): Value {
    try {
      return decode()
    } catch (cause) {
      if (!(cause instanceof TarFormatError)) throw cause
      throw this.#corrupt(cause.message, { cause })
    }
  }

  #corrupt(reason: string, options?: ErrorOptions): ArchiveCorruptError {
    const place = this.#entryOffset === 0 ? '' : ` (at byte ${this.#entryOffset})`
    return new ArchiveCorruptError(
      this.#archive,
      `damaged or no tar archive: ${reason}${place}; nothing of it was kept`,
      options,
    )
  }
}

const xattrPrefix = 'SCHILY.xattr.'

/** GNU tar ends long names with a NUL. One in the middle stays, so that it is seen and refused. */
function withoutLastNul(content: Buffer): string {
  let end = content.length
  while (end > 0 && content[end - 1] === 0) end -= 1
  return content.toString('latin1', 0, end)
}
