import { closeSync, openSync, readSync } from 'node:fs'
import { RunwrightError } from './errors.ts'

/** A file begins like an ELF program but its tables lead outside of it. */
export class DamagedProgramError extends RunwrightError {
  override readonly code = 'DAMAGED_PROGRAM'
}

/** One versioned interface that an object asks of a library (an entry of `.gnu.version_r`). */
export interface RequiredVersion {
  readonly library: string
  readonly version: string
  /** Weak references may stay unresolved. */
  readonly weak: boolean
}

/** What the loader reads of an ELF program or library before it runs. */
export interface ElfFile {
  readonly path: string
  readonly bits: 32 | 64
  /** `e_machine`: 62 is x86-64, 183 is AArch64 … */
  readonly machine: number
  /** The loader that the kernel starts; none in a static program. */
  readonly interpreter: string | undefined
  readonly needed: readonly string[]
  readonly rpath: readonly string[]
  readonly runpath: readonly string[]
  readonly requiredVersions: readonly RequiredVersion[]
  /** Versioned interfaces that this library offers (`.gnu.version_d`). */
  readonly definedVersions: readonly string[]
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** Size of a record in bytes, and where it says how far the next one is. */
interface RecordLayout {
  readonly size: number
  readonly next: number
}

/** Numbers of the generic System V ABI and of the GNU versioning tables. */
const segmentType = { load: 1, dynamic: 2, interpreter: 3 } as const
const dynamicTag = {
  needed: 1,
  strings: 5,
  stringsSize: 10,
  rpath: 15,
  runpath: 29,
  definitions: 0x6ffffffc,
  requirements: 0x6ffffffe,
} as const
const weakFlag = 2

/** Where the fields of the file and program headers lie, by word size. */
const headers = {
  32: { length: 52, table: 28, entrySize: 42, entries: 44, offset: 4, address: 8, size: 16 },
  64: { length: 64, table: 32, entrySize: 54, entries: 56, offset: 8, address: 16, size: 32 },
} as const

/**
 * Reads the loader's view of a program or library.
 *
 * @returns undefined when the file is not an ELF file.
 * @throws DamagedProgramError when it begins as one and is cut off or inconsistent; the usual errors of opening it.
 */
export function readElf(path: string): ElfFile | undefined {
  const descriptor = openSync(path, 'r')
  try {
    return new Reader(path, descriptor).file()
  } finally {
    closeSync(descriptor)
  }
}

class Reader {
  readonly #path: string
  readonly #descriptor: number
  #bits: 32 | 64 = 64
  #littleEndian = true
  #segments: readonly Segment[] = []
  #strings: Buffer = Buffer.alloc(0)

  constructor(path: string, descriptor: number) {
    this.#path = path
    this.#descriptor = descriptor
  }

  file(): ElfFile | undefined {
    const start = Buffer.alloc(headers[64].length)
    readSync(this.#descriptor, start, 0, start.length, 0)
    if (start.readUInt32BE(0) !== 0x7f454c46) return undefined
    this.#bits = start[4] === 1 ? 32 : 64
    this.#littleEndian = start[5] !== 2
    this.#segments = this.#readSegments(start)
    const tags = this.#readDynamicTags()
    this.#strings = this.#readStrings(tags)
    const texts = (tag: number): string[] => (tags.get(tag) ?? []).map((offset) => this.#text(offset))
    return {
      path: this.#path,
      bits: this.#bits,
      machine: this.#number(start, 18, 2),
      interpreter: this.#readInterpreter(),
      needed: texts(dynamicTag.needed),
      rpath: texts(dynamicTag.rpath).flatMap(searchPath),
      runpath: texts(dynamicTag.runpath).flatMap(searchPath),
      requiredVersions: this.#readRequirements(tags),
      definedVersions: this.#readDefinitions(tags),
    }
  }

  #readSegments(start: Buffer): Segment[] {
    const layout = headers[this.#bits]
    const word = this.#bits / 8
    const count = this.#number(start, layout.entries, 2)
    const entrySize = this.#number(start, layout.entrySize, 2)
    const table = this.#bytes(this.#number(start, layout.table, word), count * entrySize)
    return Array.from({ length: count }, (_, position) => {
      const entry = table.subarray(position * entrySize, (position + 1) * entrySize)
      return {
        type: this.#number(entry, 0, 4),
        offset: this.#number(entry, layout.offset, word),
        address: this.#number(entry, layout.address, word),
        size: this.#number(entry, layout.size, word),
      }
    })
  }

  #readInterpreter(): string | undefined {
    const segment = this.#segments.find(({ type }) => type === segmentType.interpreter)
    return segment && untilZero(this.#bytes(segment.offset, segment.size), 0)
  }

  #readDynamicTags(): Map<number, number[]> {
    const tags = new Map<number, number[]>()
    const segment = this.#segments.find(({ type }) => type === segmentType.dynamic)
    if (segment === undefined) return tags
    const word = this.#bits / 8
    const table = this.#bytes(segment.offset, segment.size)
    for (let at = 0; at + 2 * word <= table.length; at += 2 * word) {
      const tag = this.#number(table, at, word)
      if (tag === 0) break
      tags.set(tag, [...(tags.get(tag) ?? []), this.#number(table, at + word, word)])
    }
    return tags
  }

  #readStrings(tags: ReadonlyMap<number, readonly number[]>): Buffer {
    const address = tags.get(dynamicTag.strings)?.[0]
    const size = tags.get(dynamicTag.stringsSize)?.[0]
    return address === undefined || size === undefined ? Buffer.alloc(0) : this.#mapped(address, size)
  }

  /** Elf_Verneed is a list of libraries, each with a list of Elf_Vernaux. */
  #readRequirements(tags: ReadonlyMap<number, readonly number[]>): RequiredVersion[] {
    const requirements: RequiredVersion[] = []
    for (const [address, record] of this.#records(tags, dynamicTag.requirements, { size: 16, next: 12 })) {
      const library = this.#text(this.#number(record, 4, 4))
      const first = address + this.#number(record, 8, 4)
      for (const [, version] of this.#list(first, this.#number(record, 2, 2), { size: 16, next: 12 })) {
        const weak = (this.#number(version, 4, 2) & weakFlag) !== 0
        requirements.push({ library, version: this.#text(this.#number(version, 8, 4)), weak })
      }
    }
    return requirements
  }

  /** The first Elf_Verdaux of an Elf_Verdef is its name; the others are its ancestors. */
  #readDefinitions(tags: ReadonlyMap<number, readonly number[]>): string[] {
    const definitions: string[] = []
    for (const [address, record] of this.#records(tags, dynamicTag.definitions, { size: 20, next: 16 })) {
      const name = this.#mapped(address + this.#number(record, 12, 4), 4)
      definitions.push(this.#text(this.#number(name, 0, 4)))
    }
    return definitions
  }

  /** The records of a versioning table; the tag after the one of its address is that of their count. */
  #records(
    tags: ReadonlyMap<number, readonly number[]>,
    tag: number,
    layout: RecordLayout,
  ): Generator<readonly [address: number, record: Buffer]> {
    return this.#list(tags.get(tag)?.[0] ?? 0, tags.get(tag + 1)?.[0] ?? 0, layout)
  }

  *#list(start: number, count: number, layout: RecordLayout): Generator<readonly [number, Buffer]> {
    let address = start
    for (let left = count; left > 0; left -= 1) {
      const record = this.#mapped(address, layout.size)
      yield [address, record]
      const step = this.#number(record, layout.next, 4)
      // The last one has no next; a damaged count must not make us read it for ever.
      if (step === 0) return
      address += step
    }
  }

  #text(offset: number): string {
    if (offset >= this.#strings.length) throw this.#damaged()
    return untilZero(this.#strings, offset)
  }

  #mapped(address: number, length: number): Buffer {
    const segment = this.#segments.find(
      (one) => one.type === segmentType.load && address >= one.address && address < one.address + one.size,
    )
    if (segment === undefined) throw this.#damaged()
    return this.#bytes(segment.offset + address - segment.address, length)
  }

  #bytes(offset: number, length: number): Buffer {
    // A table of a sound file is far smaller; a damaged one must not make us reserve gigabytes.
    if (length > 64 * 1024 * 1024 || !Number.isSafeInteger(offset + length)) throw this.#damaged()
    const bytes = Buffer.alloc(length)
    if (readSync(this.#descriptor, bytes, 0, length, offset) !== length) throw this.#damaged()
    return bytes
  }

  #number(bytes: Buffer, offset: number, size: number): number {
    if (size === 8) {
      const value = this.#littleEndian ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset)
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER
      return Number(value)
    }
    return this.#littleEndian ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size)
  }

  #damaged(): DamagedProgramError {
    return new DamagedProgramError(`${this.#path} is cut off or damaged: get it again`)
  }
}

function searchPath(text: string): string[] {
  return text.split(':').filter((directory) => directory !== '')
}

function untilZero(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(0, start)
  return bytes.toString('utf8', start, end === -1 ? bytes.length : end)
}
