import { writeFileSync } from 'node:fs'

/** What a made-up program or library says of itself. */
export interface MadeElf {
  readonly machine: number
  readonly interpreter?: string
  readonly needed?: readonly string[]
  readonly rpath?: string
  readonly runpath?: string
  /** Versions asked of libraries: `[['libc.so.6', 'GLIBC_2.38']]`. */
  readonly requires?: readonly (readonly [library: string, version: string])[]
  readonly weak?: boolean
  readonly defines?: readonly string[]
}

const headerSize = 64
const segmentSize = 56
const base = 0x400000

/** Writes a 64-bit little-endian ELF file with exactly the tables that a loader reads, and no code. */
export function writeElf(path: string, made: MadeElf): void {
  writeFileSync(path, elfBytes(made), { mode: 0o755 })
}

export function elfBytes(made: MadeElf): Buffer {
  const strings = new Strings()
  const needed = (made.needed ?? []).map((name) => strings.add(name))
  const paths = [made.rpath, made.runpath].map((path) => (path === undefined ? 0 : strings.add(path)))
  const requirements = requirementTable(made, strings)
  const definitions = definitionTable(made.defines ?? [], strings)
  const interpreter = Buffer.from(`${made.interpreter ?? ''}\0`)

  const texts = strings.bytes()
  const start = headerSize + 3 * segmentSize
  const at = { strings: start, requirements: 0, definitions: 0, interpreter: 0, dynamic: 0 }
  at.requirements = at.strings + texts.length
  at.definitions = at.requirements + requirements.length
  at.interpreter = at.definitions + definitions.length
  at.dynamic = at.interpreter + interpreter.length
  const dynamic = words([
    ...needed.flatMap((offset) => [1, offset]),
    ...(made.rpath === undefined ? [] : [15, paths[0] ?? 0]),
    ...(made.runpath === undefined ? [] : [29, paths[1] ?? 0]),
    ...[5, base + at.strings, 10, texts.length],
    ...[0x6ffffffe, base + at.requirements, 0x6fffffff, made.requires?.length ?? 0],
    ...[0x6ffffffc, base + at.definitions, 0x6ffffffd, made.defines?.length ?? 0],
    ...[0, 0],
  ])
  const size = at.dynamic + dynamic.length
  const isDynamic = made.interpreter !== undefined || made.needed !== undefined || made.defines !== undefined
  return Buffer.concat([
    header(made.machine),
    segment(1, 0, size),
    segment(made.interpreter === undefined ? 0 : 3, at.interpreter, interpreter.length),
    segment(isDynamic ? 2 : 0, at.dynamic, dynamic.length),
    texts,
    requirements,
    definitions,
    interpreter,
    dynamic,
  ])
}

function header(machine: number): Buffer {
  const bytes = Buffer.alloc(headerSize)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(machine, 18)
  bytes.writeBigUInt64LE(BigInt(headerSize), 32)
  bytes.writeUInt16LE(segmentSize, 54)
  bytes.writeUInt16LE(3, 56)
  return bytes
}

function segment(type: number, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(segmentSize)
  bytes.writeUInt32LE(type, 0)
  bytes.writeBigUInt64LE(BigInt(offset), 8)
  bytes.writeBigUInt64LE(BigInt(base + offset), 16)
  bytes.writeBigUInt64LE(BigInt(size), 32)
  return bytes
}

/** Each library with one version, so that a record is followed by its one auxiliary record. */
function requirementTable({ requires = [], weak = false }: MadeElf, strings: Strings): Buffer {
  const records = requires.map(([library, version], position) => {
    const bytes = Buffer.alloc(32)
    bytes.writeUInt16LE(1, 2)
    bytes.writeUInt32LE(strings.add(library), 4)
    bytes.writeUInt32LE(16, 8)
    bytes.writeUInt32LE(position === requires.length - 1 ? 0 : 32, 12)
    bytes.writeUInt16LE(weak ? 2 : 0, 20)
    bytes.writeUInt32LE(strings.add(version), 24)
    return bytes
  })
  return Buffer.concat(records)
}

function definitionTable(versions: readonly string[], strings: Strings): Buffer {
  const records = versions.map((version, position) => {
    const bytes = Buffer.alloc(28)
    bytes.writeUInt32LE(20, 12)
    bytes.writeUInt32LE(position === versions.length - 1 ? 0 : 28, 16)
    bytes.writeUInt32LE(strings.add(version), 20)
    return bytes
  })
  return Buffer.concat(records)
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  values.forEach((value, position) => {
    bytes.writeBigUInt64LE(BigInt(value), position * 8)
  })
  return bytes
}

class Strings {
  #text = '\0'

  add(text: string): number {
    const offset = this.#text.length
    this.#text += `${text}\0`
    return offset
  }

  bytes(): Buffer {
    return Buffer.from(this.#text, 'latin1')
  }
}
