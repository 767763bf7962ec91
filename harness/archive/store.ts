import { lstat, mkdir, mkdtemp, readdir, rename, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ensurePrivateDirectory, runTool } from '../host/index.ts'
import type { Archive, ArchiveResolver } from './archive.ts'
import { displayName, printable } from './entry-name.ts'
import {
  ArchiveChangedError,
  ArchiveCopyError,
  ArchiveDestinationError,
  ArchiveStoppedError,
} from './errors.ts'
import type { ArchiveLimits } from './limits.ts'
import { isPlainLayer } from './lower-layer.ts'
import { moveDirectory } from './move-directory.ts'
import { isAbandoned, partialName } from './partial-name.ts'
import { copyPlainTree, type PlainTree, readPlainTree } from './plain-tree.ts'
import { currentPrivilege, type UnpackPrivilege } from './privilege.ts'
import { checkUnmounted, removeTree } from './remove-tree.ts'
import {
  directoryName,
  isDigest,
  isDirectoryName,
  readStoredRootfs,
  type StoredRootfs,
  writeRecord,
} from './stored-rootfs.ts'
import { waitForTurn } from './turn.ts'
import { type UnpackOptions, unpackArchive, unpackInto } from './unpack.ts'

export interface ArchiveStoreOptions {
  /** Holds the unpacked archives; made when missing, and nobody else may be able to write to it. */
  readonly directory: string
  readonly catalogue: ArchiveResolver
  readonly limits?: Partial<ArchiveLimits>
}

export interface StoreWorkOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/**
 * Archives, each unpacked once per digest to `<directory>/<hex digest>-<format>/rootfs`, and copies of them.
 *
 * Safe with any number of processes at once, without a lock: each unpacks beside the final place and renames; whoever
 * comes second drops what it made. Processes that see another at the same work wait for it, only to save the effort. A
 * process killed at any moment leaves only a partial directory that `collectGarbage` of any other removes.
 */
export class ArchiveStore {
  readonly #directory: string
  readonly #catalogue: ArchiveResolver
  readonly #limits: Partial<ArchiveLimits>
  /** What is unpacked does not change, so that it is read once. */
  readonly #plainTrees = new Map<string, PlainTree | undefined>()

  constructor({ directory, catalogue, limits = {} }: ArchiveStoreOptions) {
    this.#directory = resolve(directory)
    this.#catalogue = catalogue
    this.#limits = limits
  }

  /** Gets an archive of the catalogue by name. */
  async resolve(name: string): Promise<Archive> {
    return await this.#catalogue.resolve(name)
  }

  /**
   * The unpacked rootfs of an archive, unpacking it if nobody has yet.
   *
   * @returns its absolute path. It belongs to the store: nobody may write to it, directly or through a bind mount.
   * @throws what `unpackArchive` throws; UnsafeDirectoryError when others can write to the store's directory.
   */
  async unpacked(archive: Archive, options: StoreWorkOptions = {}): Promise<string> {
    return (await this.stored(archive, options)).rootfs
  }

  /**
   * The unpacked rootfs of an archive where it can be the lower layer of overlays, which show what is in it and keep
   * what is written to them elsewhere.
   *
   * @returns its absolute path; undefined where an overlay would show something else
   * @throws what `unpacked` throws
   */
  async layer(archive: Archive, options: StoreWorkOptions = {}): Promise<string | undefined> {
    const rootfs = await this.unpacked(archive, options)
    return (await isPlainLayer(rootfs)) ? rootfs : undefined
  }

  /** As `unpacked`, with what is known of the rootfs: number of entries, what could not be kept. */
  async stored(archive: Archive, options: StoreWorkOptions = {}): Promise<StoredRootfs> {
    if (!isDigest(archive.digest)) {
      throw new ArchiveChangedError(archive.name, `${displayName(archive.digest)} is no sha256 digest`)
    }
    ensurePrivateDirectory(this.#directory)
    const privilege = currentPrivilege()
    const final = join(this.#directory, directoryName(archive.digest, hasAll(privilege)))
    return (await readStoredRootfs(final)) ?? (await this.#unpack(archive, final, { ...options, privilege }))
  }

  async #unpack(archive: Archive, final: string, options: UnpackOptions): Promise<StoredRootfs> {
    const own = partialName(archive.digest.slice(-16))
    const partial = join(this.#directory, own)
    try {
      await this.#waitForTurn(archive, options.signal)
      await mkdir(partial, { mode: 0o700 })
      await this.#waitForTurn(archive, options.signal, own)
      const stored = await readStoredRootfs(final)
      if (stored === undefined) return await this.#unpackTo(partial, archive, final, options)
      await rmdir(partial)
      return stored
    } catch (error) {
      await removeTree(partial)
      throw error
    }
  }

  async #waitForTurn(
    { name, digest }: Archive,
    signal: AbortSignal | undefined,
    own?: string,
  ): Promise<void> {
    const turn = { ...(own === undefined ? {} : { own }), signal }
    await waitForTurn(this.#directory, digest.slice(-16), turn).catch((cause) => {
      if (signal?.aborted !== true) throw cause
      throw new ArchiveStoppedError(name, 'waiting for another process to unpack it was stopped', { cause })
    })
  }

  async #unpackTo(
    partial: string,
    archive: Archive,
    final: string,
    options: UnpackOptions,
  ): Promise<StoredRootfs> {
    const { name, digest, path } = archive
    const report = await unpackInto(path, join(partial, 'rootfs'), {
      ...options,
      name,
      digest,
      limits: this.#limits,
    })
    await writeRecord(partial, name, report)
    return await this.#place(name, partial, final)
  }

  async #place(archive: string, partial: string, final: string): Promise<StoredRootfs> {
    for (let attempt = 0; ; attempt += 1) {
      const failure = await rename(partial, final).then(
        () => undefined,
        (error: unknown) => error,
      )
      const stored = await readStoredRootfs(final)
      if (failure !== undefined && stored !== undefined) await removeTree(partial)
      if (stored !== undefined) return stored
      if (attempt === 3) {
        throw new ArchiveDestinationError(archive, `${final} cannot be written, remove it by hand`, {
          cause: failure,
        })
      }
      // Something stands there that no store made: what is left after a disk error, or a user's doing.
      await this.#setAside(final)
    }
  }

  /**
   * Makes `destination` a rootfs of its own with the archive's content, which may be written to. Undo it with `release`.
   *
   * @param destination must not exist; its parent must. On failure nothing is left there.
   * @throws ArchiveDestinationError, ArchiveCopyError and what `unpacked` throws.
   */
  async populate(archive: Archive, destination: string, options: StoreWorkOptions = {}): Promise<void> {
    const target = resolve(destination)
    if ((await lstat(target).catch(() => undefined)) !== undefined) {
      throw new ArchiveDestinationError(archive.name, `${target} exists already: remove it or choose another`)
    }
    const stored = await this.stored(archive, options)
    if (stored.isReadable || currentPrivilege().everywhere)
      await copyRootfs(archive.name, this.#copying(stored.rootfs), target, options)
    else {
      const { name, digest, path } = archive
      await unpackArchive(path, target, { ...options, name, digest, limits: this.#limits })
    }
  }

  /** How a rootfs of the store is copied. */
  #copying(rootfs: string): CopyTree {
    if (!this.#plainTrees.has(rootfs)) this.#plainTrees.set(rootfs, readPlainTree(rootfs))
    const plain = this.#plainTrees.get(rootfs)
    if (plain !== undefined) return async (destination) => copyPlainTree(plain, destination)
    return async (destination, options) => void (await runTool(copyCommand(rootfs, destination), options))
  }

  /**
   * Removes what `populate` made, however it was made; nothing when it is not there.
   *
   * @throws ArchiveInUseError when something is still mounted in it.
   */
  async release(destination: string): Promise<void> {
    await removeTree(destination)
  }

  /** Everything the store holds unpacked, by name of the archive. */
  async list(): Promise<StoredRootfs[]> {
    const names = (await this.#names()).filter(isDirectoryName)
    const found = await Promise.all(
      names.map(async (name) => await readStoredRootfs(join(this.#directory, name))),
    )
    const stored = found.filter((rootfs) => rootfs !== undefined)
    return stored.toSorted((one, other) => (one.archive < other.archive ? -1 : 1))
  }

  /**
   * Removes what is unpacked of an archive. Somebody who copies it at that moment gets an ArchiveCopyError.
   *
   * @returns whether there was something.
   * @throws ArchiveInUseError when something is still mounted in it.
   */
  async remove(digest: string): Promise<boolean> {
    const found = (await this.list()).filter((stored) => stored.digest === digest)
    for (const { directory } of found) await this.#setAside(directory)
    return found.length > 0
  }

  /**
   * Removes what processes that were killed left behind, rootfs of older formats, and every rootfs whose digest is not
   * among those to keep.
   *
   * @returns the paths that were removed.
   */
  async collectGarbage(keep: Iterable<string>): Promise<string[]> {
    const kept = new Set(
      [...keep].flatMap((digest) => [directoryName(digest, true), directoryName(digest, false)]),
    )
    const removed: string[] = []
    for (const name of await this.#names()) {
      const path = join(this.#directory, name)
      if (isAbandoned(name)) await removeTree(path)
      else if (isDirectoryName(name) && !kept.has(name)) await this.#setAside(path)
      else continue
      removed.push(path)
    }
    return removed
  }

  async #names(): Promise<string[]> {
    return (await readdir(this.#directory).catch(() => [])).toSorted()
  }

  /** Takes a directory out of its place before removing it, so that nobody finds it half removed. */
  async #setAside(path: string): Promise<void> {
    await checkUnmounted(path)
    const aside = join(this.#directory, partialName('removal'))
    await rename(path, aside).catch(() => undefined)
    await removeTree(aside)
  }
}

function hasAll(privilege: UnpackPrivilege): boolean {
  return Object.values(privilege).every((may) => may)
}

/** Makes an exact copy of a tree at a destination that does not exist. */
type CopyTree = (destination: string, options: StoreWorkOptions) => Promise<void>

/** Copies beside the target and renames, so that the target is there whole or not at all. */
async function copyRootfs(
  archive: string,
  copy: CopyTree,
  target: string,
  options: StoreWorkOptions,
): Promise<void> {
  const partial = await mkdtemp(join(dirname(target), `.${basename(target).slice(0, 100)}.copying-`)).catch(
    (cause) => {
      throw new ArchiveDestinationError(archive, `${dirname(target)} cannot hold the rootfs: make it first`, {
        cause,
      })
    },
  )
  try {
    options.signal?.throwIfAborted()
    await copy(join(partial, 'rootfs'), options)
    await moveDirectory(join(partial, 'rootfs'), target)
    await rmdir(partial)
  } catch (cause) {
    await removeTree(partial)
    const reason = printable(cause instanceof Error ? cause.message : String(cause))
    throw new ArchiveCopyError(archive, `the rootfs could not be copied to ${target}: ${reason}`, { cause })
  }
}

/** `--archive` alone would pass over extended attributes it cannot set. */
function copyCommand(from: string, to: string): readonly string[] {
  const preserved = '--preserve=mode,ownership,timestamps,links,xattr'
  return ['cp', '--archive', preserved, '--reflink=auto', '--no-target-directory', '--', from, to]
}
