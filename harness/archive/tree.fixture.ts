import { createHash } from 'node:crypto'
import { type BigIntStats, createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import koffi from 'koffi'

const library = koffi.load('libc.so.6')
const llistxattr = library.func('int64_t llistxattr(const char *path, _Out_ uint8_t *list, size_t size)')
const lgetxattr = library.func(
  'int64_t lgetxattr(const char *path, const char *name, _Out_ uint8_t *value, size_t size)',
)
const lsetxattr = library.func(
  'int lsetxattr(const char *path, const char *name, const uint8_t *value, size_t size, int flags)',
)

/** Sets an extended attribute, of the link itself where the path is one. */
export function setAttribute(path: string, name: string, value: Buffer): void {
  if (lsetxattr(path, name, value, value.length, 0) !== 0) throw new Error(`cannot set ${name} of ${path}`)
}

export function attributesOf(path: string): Record<string, string> {
  const list = Buffer.alloc(65536)
  const length = Number(llistxattr(path, list, list.length))
  const names =
    length <= 0
      ? []
      : list
          .toString('latin1', 0, length - 1)
          .split('\0')
          .toSorted()
  return Object.fromEntries(names.map((name) => [name, attribute(path, name)]))
}

function attribute(path: string, name: string): string {
  const value = Buffer.alloc(65536)
  return value.toString('hex', 0, Number(lgetxattr(path, name, value, value.length)))
}

/** Everything that can be told about one file without its neighbours. */
export interface FileFacts {
  readonly mode: string
  readonly owner: string
  readonly device: string
  readonly size: string
  readonly mtime: string
  readonly target: string
  readonly digest: string
  readonly attributes: Record<string, string>
  /** The first name, in order, of the same file: equal for hard links. */
  readonly sameAs: string
}

/**
 * Describes all files below a directory, and the directory itself as `''`, so that two trees can be compared. Names
 * hold one character per byte.
 */
export async function describeTree(directory: string): Promise<Record<string, FileFacts>> {
  const facts: Record<string, FileFacts> = {}
  const firstNames: Record<string, string> = {}
  for (const name of (await namesBelow(Buffer.from(directory))).toSorted()) {
    const path = Buffer.concat([Buffer.from(directory), Buffer.from(name === '' ? '' : `/${name}`, 'latin1')])
    const stats = await lstat(path, { bigint: true })
    const sameAs = firstNames[`${stats.dev}:${stats.ino}`] ?? name
    firstNames[`${stats.dev}:${stats.ino}`] = sameAs
    facts[name] = await describe(path, stats, sameAs)
  }
  return facts
}

async function namesBelow(directory: Buffer, prefix = ''): Promise<string[]> {
  const names = [prefix]
  for (const entry of await readdir(directory, { withFileTypes: true, encoding: 'buffer' })) {
    const name = entry.name.toString('latin1')
    const full = prefix === '' ? name : `${prefix}/${name}`
    if (entry.isDirectory())
      names.push(...(await namesBelow(Buffer.concat([directory, Buffer.from('/'), entry.name]), full)))
    else names.push(full)
  }
  return names
}

async function describe(path: Buffer, stats: BigIntStats, sameAs: string): Promise<FileFacts> {
  // koffi takes text; names that are not UTF-8 have no attributes in these tests.
  const text = path.toString()
  return {
    mode: stats.mode.toString(8),
    owner: `${stats.uid}:${stats.gid}`,
    device: stats.isCharacterDevice() || stats.isBlockDevice() ? String(stats.rdev) : '',
    size: stats.isFile() ? String(stats.size) : '',
    mtime: String(stats.mtimeNs),
    target: stats.isSymbolicLink() ? (await readlink(path, 'buffer')).toString('latin1') : '',
    digest: stats.isFile() && stats.size < 1_000_000n ? await digestOf(path) : '',
    attributes: Buffer.from(text).equals(path) ? attributesOf(text) : {},
    sameAs,
  }
}

async function digestOf(path: Buffer): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
