import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ElfFile, readElf } from './elf.ts'

/** What the loader would find for a program, without starting anything of it. */
export interface LoadedLibraries {
  /** By the name it is asked for: `libc.so.6`. */
  readonly found: ReadonlyMap<string, ElfFile>
  readonly missing: readonly string[]
}

/** Directories of ld.so(8) that need no cache, and the usual multiarch ones. */
const defaultDirectories = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'] as const
const multiarchDirectory: Readonly<Record<number, string>> = {
  3: 'i386-linux-gnu',
  22: 's390x-linux-gnu',
  21: 'powerpc64le-linux-gnu',
  40: 'arm-linux-gnueabihf',
  62: 'x86_64-linux-gnu',
  183: 'aarch64-linux-gnu',
  243: 'riscv64-linux-gnu',
}

/**
 * Follows the libraries that a program needs, and those that these need, in the order of ld.so(8): RPATH of the
 * object and of the program (unless there is a RUNPATH), LD_LIBRARY_PATH, RUNPATH, the loader's cache, the default
 * directories.
 *
 * @param root looks only in the default directories below it, for a system that is unpacked there
 */
export function findLibraries(program: ElfFile, root?: string): LoadedLibraries {
  const found = new Map<string, ElfFile>()
  const missing = new Set<string>()
  const waiting = [program]
  const candidates = (name: string, object: ElfFile): Iterable<string> =>
    root === undefined ? candidatePaths(name, object, program) : defaultPaths(name, program, root)
  for (let object = waiting.shift(); object !== undefined; object = waiting.shift()) {
    for (const name of object.needed) {
      if (found.has(name) || missing.has(name)) continue
      const library = findLibrary(program, name.includes('/') ? [name] : candidates(name, object))
      if (library === undefined) missing.add(name)
      else {
        found.set(name, library)
        waiting.push(library)
      }
    }
  }
  return { found, missing: [...missing] }
}

function findLibrary(program: ElfFile, paths: Iterable<string>): ElfFile | undefined {
  for (const path of paths) {
    if (!existsSync(path)) continue
    const library = readElf(path)
    if (library?.machine === program.machine && library.bits === program.bits) return library
  }
  return undefined
}

function* candidatePaths(name: string, object: ElfFile, program: ElfFile): Generator<string> {
  const rpaths =
    object.runpath.length > 0 ? [] : [...expand(object.rpath, object), ...expand(program.rpath, program)]
  const environment = (process.env['LD_LIBRARY_PATH'] ?? '')
    .split(':')
    .filter((directory) => directory !== '')
  for (const directory of [...rpaths, ...environment, ...expand(object.runpath, object)]) {
    yield join(directory, name)
  }
  yield* loaderCache().get(name) ?? []
  yield* defaultPaths(name, program, '/')
}

function* defaultPaths(name: string, program: ElfFile, root: string): Generator<string> {
  const multiarch = multiarchDirectory[program.machine]
  for (const directory of defaultDirectories) {
    if (multiarch !== undefined) yield join(root, directory, multiarch, name)
    yield join(root, directory, name)
  }
}

function expand(directories: readonly string[], object: ElfFile): string[] {
  return directories.map((directory) => directory.replace(/\$(ORIGIN|\{ORIGIN\})/, dirname(object.path)))
}

let cache: ReadonlyMap<string, readonly string[]> | undefined

/** Paths by library name from /etc/ld.so.cache; empty where there is none, as with musl. */
function loaderCache(): ReadonlyMap<string, readonly string[]> {
  cache ??= existsSync('/etc/ld.so.cache') ? parseLoaderCache(readFileSync('/etc/ld.so.cache')) : new Map()
  return cache
}

const cacheMagic = 'glibc-ld.so.cache1.1'

/**
 * Reads glibc's cache of library paths: a header of 48 bytes, entries of 24, strings addressed from the header. An
 * older table may stand in front of it.
 */
export function parseLoaderCache(content: Buffer): Map<string, string[]> {
  const paths = new Map<string, string[]>()
  const start = content.indexOf(cacheMagic, 0, 'latin1')
  if (start === -1) return paths
  const table = content.subarray(start)
  const text = (offset: number): string => table.toString('utf8', offset, table.indexOf(0, offset))
  // The loader writes the cache of its own machine, so its numbers are in this machine's order.
  const number = (offset: number): number =>
    new DataView(table.buffer, table.byteOffset).getUint32(offset, isLittleEndian)
  for (let position = 0; position < number(20); position += 1) {
    const entry = 48 + position * 24
    const name = text(number(entry + 4))
    paths.set(name, [...(paths.get(name) ?? []), text(number(entry + 8))])
  }
  return paths
}

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
