import { blockBytes, padded } from './entry.ts'
import { encodePax } from './pax.ts'

/** One entry of a crafted archive. Everything but the name has a default; nothing is checked. */
export interface CraftedEntry {
  /** One character per byte. */
  readonly name: string
  /** Type flag; `'0'` (file) without it. */
  readonly type?: string
  readonly linkName?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: number
  readonly content?: string | Buffer
  /** Size in the header; the content's without it. */
  readonly size?: number
  readonly prefix?: string
  /** `ustar\0` + `00` without it; GNU has `ustar ` + ` \0`, v7 nothing. */
  readonly magic?: 'ustar\x0000' | 'ustar  \0' | ''
  /** Major and minor number. */
  readonly device?: readonly [number, number]
  /** Records of an extended header put before the entry. */
  readonly pax?: Readonly<Record<string, string>>
  /** GNU long name and long link records put before the entry. */
  readonly longName?: string
  readonly longLink?: string
  /** Changes the finished header; the checksum is computed after it. */
  readonly alter?: (block: Buffer) => void
  /** Added to the right checksum. */
  readonly checksumError?: number
}

/** Two zero blocks. */
export const endOfArchive = Buffer.alloc(2 * blockBytes)

/** A complete archive of the given entries, hostile or not. */
export function craftTar(entries: readonly CraftedEntry[]): Buffer {
  return Buffer.concat([...entries.map(craftEntry), endOfArchive])
}

export function craftEntry(entry: CraftedEntry): Buffer {
  const content = Buffer.from(entry.content ?? '')
  return Buffer.concat([
    ...(entry.pax === undefined ? [] : [craftExtendedHeader('x', entry.pax)]),
    ...(entry.longLink === undefined ? [] : [craftLong('K', entry.longLink)]),
    ...(entry.longName === undefined ? [] : [craftLong('L', entry.longName)]),
    craftHeader(entry, entry.size ?? content.length),
    toBlocks(content),
  ])
}

export function craftExtendedHeader(type: string, records: Readonly<Record<string, string>>): Buffer {
  const content = encodePax(new Map(Object.entries(records)))
  return Buffer.concat([craftHeader({ name: 'PaxHeader', type }, content.length), toBlocks(content)])
}

function craftLong(type: string, name: string): Buffer {
  const content = Buffer.from(`${name}\0`, 'latin1')
  return Buffer.concat([
    craftHeader({ name: '././@LongLink', type, magic: 'ustar  \0' }, content.length),
    toBlocks(content),
  ])
}

function craftHeader(entry: CraftedEntry, size: number): Buffer {
  const block = Buffer.alloc(blockBytes)
  block.write(entry.name.slice(0, 100), 0, 'latin1')
  writeOctal(block, 100, 8, entry.mode ?? (entry.type === '5' ? 0o755 : 0o644))
  writeOctal(block, 108, 8, entry.uid ?? 0)
  writeOctal(block, 116, 8, entry.gid ?? 0)
  writeOctal(block, 124, 12, size)
  writeOctal(block, 136, 12, entry.mtime ?? 1_600_000_000)
  block.write(entry.type ?? '0', 156, 'latin1')
  block.write((entry.linkName ?? '').slice(0, 100), 157, 'latin1')
  block.write(entry.magic ?? 'ustar\x0000', 257, 'latin1')
  writeOctal(block, 329, 8, entry.device?.[0] ?? 0)
  writeOctal(block, 337, 8, entry.device?.[1] ?? 0)
  block.write(entry.prefix ?? '', 345, 155, 'latin1')
  entry.alter?.(block)
  repairChecksum(block, entry.checksumError ?? 0)
  return block
}

/** Gives a header block the checksum of its content, or one that is wrong by `error`. */
export function repairChecksum(block: Buffer, error = 0): void {
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${(sum + error).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}

/** Octal where it fits, else base-256. */
function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  const digits = value.toString(8)
  if (digits.length < length) block.write(`${digits.padStart(length - 1, '0')}\0`, offset, 'latin1')
  else {
    block.writeUInt8(0x80, offset)
    block.write(
      BigInt(value)
        .toString(16)
        .padStart((length - 1) * 2, '0'),
      offset + 1,
      'hex',
    )
  }
}

function toBlocks(content: Buffer): Buffer {
  return Buffer.concat([content], padded(content.length))
}
