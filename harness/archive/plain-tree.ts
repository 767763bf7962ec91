import {
  type BigIntStats,
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { hasAttributes } from '../host/index.ts'

/** Beyond this a program of its own copies as fast, and does not keep this process from other work. */
const most = { entries: 2_000, bytes: 16n * 1024n ** 2n }

type Name = Buffer

interface Owned {
  readonly name: Name
  readonly stats: BigIntStats
}

/** A tree of directories, files and links without anything special about them, ready to be copied again and again. */
export interface PlainTree {
  readonly root: string
  /** Parents first; the root itself, with an empty name, is the first. */
  readonly directories: readonly Owned[]
  readonly files: readonly Owned[]
  readonly hardLinks: readonly { readonly name: Name; readonly target: Name }[]
  readonly symbolicLinks: readonly (Owned & { readonly target: Buffer })[]
}

/**
 * Reads a tree that can be copied by a few hundred calls in this process, which takes a fraction of the time in which a
 * program for it starts. Undefined for one that is large, or holds something that takes more care: extended attributes,
 * devices, pipes, sockets, sparse files, times of nanoseconds.
 */
export function readPlainTree(root: string): PlainTree | undefined {
  return new TreeReader(root).read()
}

type Growing<Value> = {
  [Name in keyof Value]: Value[Name] extends readonly (infer Item)[] ? Item[] : Value[Name]
}

class TreeReader {
  readonly #root: Buffer
  readonly #tree: Growing<PlainTree>
  readonly #firstNames = new Map<bigint, Name>()
  #entries = 0
  #bytes = 0n

  constructor(root: string) {
    this.#root = Buffer.from(root)
    this.#tree = { root, directories: [], files: [], hardLinks: [], symbolicLinks: [] }
  }

  read(): PlainTree | undefined {
    return this.#add(Buffer.alloc(0)) ? this.#tree : undefined
  }

  /** Whether an entry, with all below it, is plain. */
  #add(name: Name): boolean {
    const path = below(this.#root, name)
    const stats = lstatSync(path, { bigint: true })
    this.#entries += 1
    if (this.#entries > most.entries || hasAttributes(path) || !isWholeMicroseconds(stats)) return false
    if (stats.isDirectory()) return this.#addDirectory({ name, stats })
    const first = this.#firstNames.get(stats.ino)
    if (first !== undefined) return this.#tree.hardLinks.push({ name, target: first }) > 0
    if (stats.nlink > 1n) this.#firstNames.set(stats.ino, name)
    if (stats.isSymbolicLink())
      return this.#tree.symbolicLinks.push({ name, stats, target: readlinkSync(path, 'buffer') }) > 0
    return stats.isFile() && this.#addFile({ name, stats })
  }

  #addDirectory({ name, stats }: Owned): boolean {
    this.#tree.directories.push({ name, stats })
    return readdirSync(below(this.#root, name), { encoding: 'buffer' }).every((entry) =>
      this.#add(name.length === 0 ? entry : Buffer.concat([name, slash, entry])),
    )
  }

  #addFile({ name, stats }: Owned): boolean {
    this.#bytes += stats.size
    const isSparse = stats.blocks * 512n < stats.size
    return this.#tree.files.push({ name, stats }) > 0 && this.#bytes <= most.bytes && !isSparse
  }
}

/**
 * Makes an exact copy of a tree: content, modes, owners, times, hard links.
 *
 * @param destination must not exist
 */
export function copyPlainTree(
  { root, directories, files, hardLinks, symbolicLinks }: PlainTree,
  destination: string,
): void {
  const [from, to] = [Buffer.from(root), Buffer.from(destination)]
  for (const { name } of directories) mkdirSync(below(to, name), { mode: 0o700 })
  for (const { name, stats } of files) {
    const copy = below(to, name)
    copyFileSync(below(from, name), copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    giveAttributes(copy, stats)
  }
  for (const { name, stats, target } of symbolicLinks) {
    const copy = below(to, name)
    symlinkSync(target, copy)
    lchownSync(copy, Number(stats.uid), Number(stats.gid))
    lutimesSync(copy, seconds(stats.atimeNs), seconds(stats.mtimeNs))
  }
  for (const { name, target } of hardLinks) linkSync(below(to, target), below(to, name))
  // Whatever is made in a directory changes its time, and may need it to be writable.
  for (const { name, stats } of directories.toReversed()) giveAttributes(below(to, name), stats)
}

/** The mode comes after the owner: changing that takes the setuid bit away. */
function giveAttributes(path: Buffer, stats: BigIntStats): void {
  chownSync(path, Number(stats.uid), Number(stats.gid))
  chmodSync(path, Number(stats.mode & 0o7777n))
  utimesSync(path, seconds(stats.atimeNs), seconds(stats.mtimeNs))
}

/** Node takes times as doubles, which hold microseconds. */
function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9
}

function isWholeMicroseconds({ mtimeNs }: BigIntStats): boolean {
  return mtimeNs % 1000n === 0n
}

const slash = Buffer.from('/')

function below(root: Buffer, name: Name): Buffer {
  return name.length === 0 ? root : Buffer.concat([root, slash, name])
}
