import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ensurePrivateDirectory } from '../host/index.ts'
import type { Archive, ArchiveResolver } from './archive.ts'
import { checkArchiveName } from './archive-name.ts'
import type { ArchiveSource } from './archive-source.ts'
import { listApplets } from './busybox/applets.ts'
import { buildBusyboxArchive, recipeVersion } from './busybox/busybox-archive.ts'
import { type FindBusyboxOptions, findBusybox } from './busybox/find-busybox.ts'
import { displayName } from './entry-name.ts'
import { ArchiveNameError } from './errors.ts'
import { type FileState, fileDigest, fileState } from './file-digest.ts'
import { readDockerImage } from './image/docker-image.ts'
import { flattenImage, flattenVersion } from './image/flatten.ts'
import type { Image } from './image/image.ts'
import { type ImageFiles, openImage } from './image/image-files.ts'
import { readOciImage } from './image/oci-image.ts'
import { hostPlatform, parsePlatform } from './image/platform.ts'
import { type ArchiveLimits, defaultArchiveLimits } from './limits.ts'
import { isAbandoned, partialName } from './partial-name.ts'
import { removeTree } from './remove-tree.ts'

export interface ArchiveCatalogueOptions {
  /** Paths of sources are relative to it, and archives that have to be built are kept below it, in `built`. */
  readonly directory: string
  readonly entries: Readonly<Record<string, ArchiveSource>>
  readonly limits?: Partial<ArchiveLimits>
  /** Where a busybox comes from; the host and its distribution without it. */
  readonly busybox?: Pick<FindBusyboxOptions, 'installed' | 'download'>
}

export interface ResolveOptions {
  readonly signal?: AbortSignal
}

/** An archive that was got before, and the state of its file then. */
interface KnownArchive {
  readonly archive: Archive
  readonly state: FileState
}

type ImageSource = Extract<ArchiveSource, { kind: 'oci-layout' | 'docker-save' }>

/**
 * Names archives and gets them: finds a file, or builds it once. What is built is named by what it was built from, put
 * together beside its place and renamed, so any number of processes may ask for the same archive at once.
 */
export class ArchiveCatalogue implements ArchiveResolver {
  readonly #directory: string
  readonly #built: string
  readonly #entries: ReadonlyMap<string, ArchiveSource>
  readonly #limits: ArchiveLimits
  readonly #busybox: Pick<FindBusyboxOptions, 'installed' | 'download'>
  readonly #underway = new Map<string, Promise<Archive>>()
  readonly #known = new Map<string, KnownArchive>()

  /** @throws ArchiveNameError */
  constructor({ directory, entries, limits = {}, busybox = {} }: ArchiveCatalogueOptions) {
    for (const name of Object.keys(entries)) checkArchiveName(name)
    this.#directory = resolve(directory)
    this.#built = join(this.#directory, 'built')
    this.#entries = new Map(Object.entries(entries))
    this.#limits = { ...defaultArchiveLimits, ...limits }
    this.#busybox = busybox
  }

  /** Names of all archives, in order. */
  names(): string[] {
    return [...this.#entries.keys()].toSorted()
  }

  /**
   * How an archive is got.
   *
   * @throws ArchiveNameError when there is no archive of that name.
   */
  source(name: string): ArchiveSource {
    checkArchiveName(name)
    const source = this.#entries.get(name)
    if (source !== undefined) return source
    const known = this.#entries.size === 0 ? 'it is empty' : `it has ${this.names().join(', ')}`
    throw new ArchiveNameError(displayName(name), `not in the catalogue, ${known}`)
  }

  /**
   * Gets an archive, building it if nobody has yet. What it is built from is looked at once in a process; a file that
   * was changed is a new archive.
   *
   * @throws ArchiveNameError, ArchiveFileError; BusyboxNotFoundError, ArchiveImageError and what unpacking throws for
   * archives that have to be built; UnsafeDirectoryError when others can write to where they are kept.
   */
  async resolve(name: string, options: ResolveOptions = {}): Promise<Archive> {
    const source = this.source(name)
    const known = await this.#stillKnown(name)
    if (known !== undefined) return known
    const underway = this.#underway.get(name)
    // Another caller's signal must not stop this one, so its failure is not shared.
    if (underway !== undefined) return await underway.catch(async () => await this.resolve(name, options))
    const work = this.#resolve(name, source, options.signal).finally(() => this.#underway.delete(name))
    this.#underway.set(name, work)
    return await work
  }

  /**
   * Removes built archives that no entry gives any more: of other programs and images, or left by killed processes.
   *
   * @param keep paths that are in use
   * @returns the paths that were removed.
   */
  async collectGarbage(keep: Iterable<string>): Promise<string[]> {
    const kept = new Set([...keep].map((path) => resolve(path)))
    const names = await readdir(this.#built).catch(() => [])
    const isGarbage = (name: string): boolean => {
      return isAbandoned(name) || (builtPattern.test(name) && !kept.has(join(this.#built, name)))
    }
    const removed = names.filter(isGarbage).map((name) => join(this.#built, name))
    await removeTree(join(this.#built, 'digests'))
    for (const path of removed) await removeTree(path)
    return removed
  }

  async #resolve(name: string, source: ArchiveSource, signal: AbortSignal | undefined): Promise<Archive> {
    const path = await this.#path(name, source, signal)
    const state = await fileState(name, path)
    const archive = { name, path, digest: await this.#digest(name, path, state) }
    // What is built never changes under its name.
    if (state.isSettled || source.kind !== 'file') this.#known.set(name, { archive, state })
    return archive
  }

  async #stillKnown(name: string): Promise<Archive | undefined> {
    const known = this.#known.get(name)
    if (known === undefined) return undefined
    const state = await fileState(name, known.archive.path).catch(() => undefined)
    return state?.id === known.state.id ? known.archive : undefined
  }

  async #digest(name: string, path: string, state: FileState): Promise<string> {
    const memory = join(this.#built, 'digests')
    ensurePrivateDirectory(memory)
    return await fileDigest(name, path, state, memory)
  }

  async #path(name: string, source: ArchiveSource, signal: AbortSignal | undefined): Promise<string> {
    switch (source.kind) {
      case 'file':
        return resolve(this.#directory, source.path)
      case 'busybox':
        return await this.#buildBusybox(name, signal)
      case 'oci-layout':
      case 'docker-save':
        return await this.#buildFromImage(name, source, signal)
    }
  }

  async #buildBusybox(name: string, signal: AbortSignal | undefined): Promise<string> {
    const busybox = await findBusybox(name, { ...this.#busybox, signal })
    const program = await readFile(busybox)
    const key = keyOf('busybox', recipeVersion, createHash('sha256').update(program).digest('hex'))
    return await this.#build(name, key, async (partial) => {
      await writeFile(partial, buildBusyboxArchive(program, await listApplets(name, busybox)), {
        mode: 0o600,
      })
    })
  }

  async #buildFromImage(name: string, source: ImageSource, signal: AbortSignal | undefined): Promise<string> {
    const path = resolve(this.#directory, source.path)
    const choice = JSON.stringify([source, hostPlatform()])
    const key = keyOf('image', flattenVersion, await this.#imageDigest(name, path), choice)
    return await this.#build(name, key, async (partial) => {
      const workDirectory = join(this.#built, partialName('image'))
      await mkdir(workDirectory, { mode: 0o700 })
      try {
        const options = { archive: name, limits: this.#limits, workDirectory, signal }
        const image = await readImage(name, await openImage(path, options), source)
        await flattenImage(image, partial, options)
      } finally {
        await removeTree(workDirectory)
      }
    })
  }

  /** Of a layout in a directory, everything follows from its index by digests. */
  async #imageDigest(name: string, path: string): Promise<string> {
    const stats = await stat(path).catch(() => undefined)
    const file = stats?.isDirectory() === true ? join(path, 'index.json') : path
    return await this.#digest(name, file, await fileState(name, file))
  }

  async #build(name: string, key: string, make: (partial: string) => Promise<void>): Promise<string> {
    ensurePrivateDirectory(this.#built)
    const path = join(this.#built, `${name}-${key}.tar`)
    if ((await lstat(path).catch(() => undefined))?.isFile() === true) return path
    const partial = join(this.#built, partialName('archive'))
    try {
      await make(partial)
      await rename(partial, path)
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
    return path
  }
}

const builtPattern = /-[0-9a-f]{16}\.tar$/

function keyOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)
}

async function readImage(name: string, files: ImageFiles, source: ImageSource): Promise<Image> {
  if (source.kind === 'docker-save') return await readDockerImage(name, files, source.tag)
  const platform = source.platform === undefined ? undefined : parsePlatform(source.platform)
  return await readOciImage(name, files, { reference: source.reference, platform })
}
