import { copyFile, mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { unpackDebianPackage } from './debian-packages.ts'
import { type ElfFile, readElf } from './elf.ts'
import { findLibraries } from './library-search.ts'
import type { PrivateApt } from './private-apt.ts'
import { runTool } from './tool.ts'

/** A program as unpacked from its package, and what it takes to make it run. */
export interface OwnLibraries {
  /** Has the suite that the program comes from. */
  readonly apt: PrivateApt
  readonly packageName: string
  /** Not changed. */
  readonly program: string
  /** Gets `lib/` and `bin/`. */
  readonly directory: string
  /** Where `directory` will be in the end. */
  readonly final: string
  /** The patchelf program. */
  readonly patchelf: string
}

/**
 * Makes a program run that was built for another libc than the host's: its libraries and its loader come from the
 * suite it comes from, and a copy of it is told to use them.
 *
 * The interpreter and the library path are written into the copy, not given by a wrapper or the environment: a
 * runtime starts itself again through /proc/self/exe, and hooks it runs must see the host's libraries. The library path
 * is absolute because `$ORIGIN` means nothing in a program that runs from a copy in memory, as runc and crun do.
 *
 * @returns the copy that runs, relative to `directory`; undefined when libraries are missing in the suite too
 */
export async function addOwnLibraries(options: OwnLibraries): Promise<string | undefined> {
  const { apt, packageName, program, directory, final, patchelf } = options
  const unpacked = join(directory, 'libraries')
  try {
    const elf = readElf(program)
    if (elf?.interpreter === undefined) return undefined
    await unpackLibraries(apt, packageName, unpacked)
    const loader = basename(elf.interpreter)
    const libraries = closure(elf, loader, unpacked)
    if (libraries === undefined) return undefined
    await mkdir(join(directory, 'lib'))
    for (const [name, library] of libraries) await copyFile(library.path, join(directory, 'lib', name))
    const copy = join('bin', basename(program))
    await mkdir(join(directory, 'bin'))
    await copyFile(program, join(directory, copy))
    const path = join(final, 'lib')
    await runTool([
      ...[patchelf, '--set-interpreter', join(path, loader)],
      ...['--force-rpath', '--set-rpath', path, join(directory, copy)],
    ])
    return copy
  } finally {
    await rm(unpacked, { recursive: true, force: true })
  }
}

async function unpackLibraries(apt: PrivateApt, packageName: string, directory: string): Promise<void> {
  const names = (await apt.dependencies(packageName)).filter((name) => name.startsWith('lib'))
  await mkdir(directory)
  for (const { file } of await apt.fetch(names)) await unpackDebianPackage(file, directory)
}

/** The loader and every library that is needed, by the name it is asked for. */
function closure(elf: ElfFile, loader: string, unpacked: string): ReadonlyMap<string, ElfFile> | undefined {
  const { found, missing } = findLibraries({ ...elf, needed: [...elf.needed, loader] }, unpacked)
  return missing.length === 0 ? found : undefined
}
