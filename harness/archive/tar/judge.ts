import { displayName } from '../entry-name.ts'
import { ArchiveLimitError, ArchiveRefusedError } from '../errors.ts'
import type { ArchiveLimits } from '../limits.ts'
import type { TarEntry } from './entry.ts'

/** PATH_MAX of Linux with its NUL: what symlink(2) takes. */
const longestTarget = 4095

/**
 * The parts of an entry's name below the destination; none for the destination itself (`./`).
 *
 * @throws ArchiveRefusedError when the name leads out of the destination or cannot be a name.
 */
export function entryPath(archive: string, entry: TarEntry): string[] {
  return partsOf(archive, entry, entry.name, 'its name')
}

/** The parts of the name of the entry that a hard link shares its file with. */
export function hardLinkTarget(archive: string, entry: TarEntry): string[] {
  const parts = partsOf(archive, entry, entry.linkName, 'its hard link target')
  if (parts.length === 0) throw refused(archive, entry, 'is a hard link to the destination itself')
  return parts
}

function partsOf(archive: string, entry: TarEntry, name: string, what: string): string[] {
  if (name === '') throw refused(archive, entry, `is refused: ${what} is empty`)
  if (name.includes('\0')) throw refused(archive, entry, `is refused: ${what} contains NUL`)
  if (name.startsWith('/'))
    throw refused(archive, entry, `is refused: ${what} ${displayName(name)} is absolute`)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..'))
    throw refused(archive, entry, `is refused: ${what} ${displayName(name)} contains ..`)
  return parts
}

function refused(archive: string, entry: TarEntry, reason: string): ArchiveRefusedError {
  return new ArchiveRefusedError(archive, displayName(entry.name), reason)
}

/** Counts what an archive asks for against its limits. */
export class LimitMeter {
  readonly #archive: string
  readonly #limits: ArchiveLimits
  #entries = 0
  #contentBytes = 0
  #extendedBytes = 0
  #apparentBytes = 0
  #nameBytes = 0

  constructor(archive: string, limits: ArchiveLimits) {
    this.#archive = archive
    this.#limits = limits
  }

  get entries(): number {
    return this.#entries
  }

  get contentBytes(): number {
    return this.#contentBytes
  }

  /**
   * @param parts the name as `entryPath` gives it
   * @throws ArchiveLimitError
   */
  add(entry: TarEntry, parts: readonly string[]): void {
    this.#entries += 1
    this.#contentBytes += entry.contentBytes
    this.#extendedBytes += entry.extendedBytes
    this.#apparentBytes += entry.size
    this.#nameBytes += entry.name.length + entry.linkName.length
    this.#check(entry, 'entries', this.#entries, 'makes it %, more')
    this.#check(
      entry,
      'contentBytes',
      this.#contentBytes + this.#extendedBytes,
      'makes its content % bytes, more',
    )
    this.#check(entry, 'apparentBytes', this.#apparentBytes, 'makes its files % bytes long together, more')
    this.#check(entry, 'nameBytes', this.#nameBytes, 'makes its names % bytes together, more')
    this.#check(entry, 'pathBytes', entry.name.length, 'has a name of % bytes, more')
    this.#check(entry, 'depth', parts.length - 1, 'lies % directories deep, more')
    const longest = parts.reduce((length, part) => Math.max(length, part.length), 0)
    this.#check(entry, 'componentBytes', longest, 'has a part of % bytes in its name, more')
  }

  #check(entry: TarEntry, limit: keyof ArchiveLimits, value: number, text: string): void {
    const most = this.#limits[limit]
    if (value <= most) return
    const reason = `${text.replace('%', String(value))} than ${most}`
    throw new ArchiveLimitError(this.#archive, displayName(entry.name), limit, reason)
  }
}

/**
 * Judges the entries of one archive in their order, each before a byte of it reaches GNU tar. What it lets pass lands
 * inside the destination however it is unpacked: no absolute names, no `..`, nothing below a symbolic link that the
 * archive itself made, no hard link to anything outside or through such a link.
 */
export class EntryJudge {
  readonly #archive: string
  readonly #meter: LimitMeter
  /** Every name that is, or once was, a symbolic link. */
  readonly #symbolicLinks = new Set<string>()
  /** The directory whose parts were looked at last: entries come in runs of one directory. */
  #checkedDirectory: string | undefined

  constructor(archive: string, limits: ArchiveLimits) {
    this.#archive = archive
    this.#meter = new LimitMeter(archive, limits)
  }

  get entries(): number {
    return this.#meter.entries
  }

  get contentBytes(): number {
    return this.#meter.contentBytes
  }

  /**
   * @returns the entry's name below the destination, `''` for the destination itself
   * @throws ArchiveRefusedError, ArchiveLimitError
   */
  judge(entry: TarEntry): string {
    const parts = entryPath(this.#archive, entry)
    this.#meter.add(entry, parts)
    if (parts.length === 0 && entry.kind !== 'directory') {
      throw this.#refused(entry, `is a ${entry.kind} in place of the destination`)
    }
    this.#refuseThroughLink(entry, parts, 'lies below')
    const name = parts.join('/')
    if (entry.kind === 'symbolic-link') this.#judgeSymbolicLink(entry, name)
    if (entry.kind === 'hard-link') this.#judgeHardLink(entry, name)
    return name
  }

  #judgeSymbolicLink(entry: TarEntry, name: string): void {
    if (entry.linkName === '') throw this.#refused(entry, 'is a symbolic link without a target')
    if (entry.linkName.includes('\0'))
      throw this.#refused(entry, 'is a symbolic link whose target contains NUL')
    if (entry.linkName.length > longestTarget) {
      throw this.#refused(
        entry,
        `is a symbolic link whose target has ${entry.linkName.length} bytes, more than ${longestTarget}`,
      )
    }
    this.#addLink(name)
  }

  #judgeHardLink(entry: TarEntry, name: string): void {
    const target = hardLinkTarget(this.#archive, entry)
    this.#refuseThroughLink(entry, target, 'is a hard link to something below')
    // The other name of a symbolic link is a symbolic link.
    if (this.#symbolicLinks.has(target.join('/'))) this.#addLink(name)
  }

  #addLink(name: string): void {
    this.#symbolicLinks.add(name)
    this.#checkedDirectory = undefined
  }

  #refuseThroughLink(entry: TarEntry, parts: readonly string[], how: string): void {
    const directory = parts.slice(0, -1).join('/')
    if (directory === this.#checkedDirectory) return
    for (let count = 1; count < parts.length; count += 1) {
      const above = parts.slice(0, count).join('/')
      if (!this.#symbolicLinks.has(above)) continue
      throw this.#refused(
        entry,
        `${how} ${displayName(above)}, which the archive itself made a symbolic link`,
      )
    }
    this.#checkedDirectory = directory
  }

  #refused(entry: TarEntry, reason: string): ArchiveRefusedError {
    return refused(this.#archive, entry, reason)
  }
}
