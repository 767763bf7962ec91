/** The fields of a header block that decide what an entry is and how the archive goes on after it. */
export interface TarHeader {
  /** The type flag as one character; `'0'` also where the block has NUL. */
  readonly type: string
  readonly name: string
  readonly linkName: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Only for a sparse file of the old GNU kind. */
  readonly sparse: SparseHeader | undefined
}

interface SparseHeader {
  /** Size of the file with its holes. */
  readonly realSize: number
  /** Whether the map of its parts goes on in the next block. */
  readonly continues: boolean
}

/** A block or an extended header does not follow the format. The reader adds which archive and where. */
export class TarFormatError extends Error {}

const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  checksum: [148, 8],
  linkName: [157, 100],
  prefix: [345, 155],
  realSize: [483, 12],
} as const

type Field = readonly [offset: number, length: number]

/**
 * Decodes a header block (POSIX.1 pax, "ustar Interchange Format"; GNU tar's base-256 numbers).
 *
 * Strict where GNU tar is: a number with a stray character is an error and not the digits before it. node-tar's
 * decoder is not used for reading because it differs from GNU tar, which will unpack: it takes a name field with bytes
 * after its NUL for another name, and names that are not UTF-8 for equal ones.
 *
 * @throws TarFormatError
 */
export function decodeHeader(block: Buffer): TarHeader {
  if (!hasValidChecksum(block)) throw new TarFormatError('a header has a wrong checksum')
  const type = block.toString('latin1', 156, 157)
  const name = text(block, field.name)
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, field.prefix) : ''
  return {
    type: type === '\0' ? '0' : type,
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, field.linkName),
    mode: number(block, field.mode, 'mode') & 0o7777,
    uid: number(block, field.uid, 'uid'),
    gid: number(block, field.gid, 'gid'),
    size: size(block, field.size),
    sparse: type === 'S' ? { realSize: size(block, field.realSize), continues: block[482] !== 0 } : undefined,
  }
}

/** Whether a block that continues the map of an old GNU sparse file is itself continued. */
export function sparseMapContinues(block: Buffer): boolean {
  return block[504] !== 0
}

export function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0)
}

/** The sum of all bytes, the checksum field itself taken as spaces. Some old writers summed signed bytes. */
function hasValidChecksum(block: Buffer): boolean {
  const [offset, length] = field.checksum
  let sum = length * 0x20
  let negative = 0
  let at = 0
  for (const byte of block) {
    if (at < offset || at >= offset + length) {
      sum += byte
      if (byte > 127) negative += 256
    }
    at += 1
  }
  const recorded = number(block, field.checksum, 'checksum')
  return recorded === sum || recorded === sum - negative
}

function text(block: Buffer, [offset, length]: Field): string {
  const end = block.indexOf(0, offset)
  return block.toString('latin1', offset, end === -1 || end > offset + length ? offset + length : end)
}

function size(block: Buffer, place: Field): number {
  const value = number(block, place, 'size')
  if (value < 0) throw new TarFormatError('a header has a negative size')
  return value
}

/**
 * Octal digits after spaces, ended by a space, NUL or the field; or base-256, which begins with 0x80 or 0xff. A blank
 * field counts as 0.
 */
function number(block: Buffer, [offset, length]: Field, what: string): number {
  const first = block[offset] ?? 0
  if (first === 0x80 || first === 0xff) return binary(block.subarray(offset, offset + length), what)
  const match = /^(?: *([0-7]+)(?:[ \0]|$)|[ \0]*$)/.exec(block.toString('latin1', offset, offset + length))
  if (match === null) throw new TarFormatError(`a header has no valid ${what}`)
  return Number.parseInt(match[1] ?? '0', 8)
}

function binary(bytes: Buffer, what: string): number {
  const negative = bytes[0] === 0xff
  const magnitude = BigInt(`0x${bytes.toString('hex', 1)}`)
  const value = Number(negative ? magnitude - (1n << BigInt((bytes.length - 1) * 8)) : magnitude)
  if (!Number.isSafeInteger(value)) throw new TarFormatError(`a header has an impossible ${what}`)
  return value
}
