import { mkdirSync, realpathSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Archive, ArchiveStore } from '../archive/index.ts'
import {
  bindMount,
  type MountEntry,
  makeMountReadOnly,
  readMounts,
  SystemCallError,
  UnsupportedMachineError,
  unmount,
} from '../host/index.ts'
import { isErrno } from './errno.ts'
import { remember } from './remember.ts'

/** Mount options of a file system that would show in a container, and that root file systems are not expected to have. */
export const strangeOptions: readonly string[] = ['nosuid', 'nodev', 'noexec']

/** Where the root file systems lie that the bundles of a session share. */
export function sharedRootfsDirectory(sessionDirectory: string): string {
  return join(sessionDirectory, 'shared-rootfs')
}

/** Whether a mount point is one of those, and not only below one. */
export function isSharedRootfs(mountPoint: string, sessionDirectory: string): boolean {
  return dirname(mountPoint) === sharedRootfsDirectory(sessionDirectory)
}

/**
 * Root file systems for all the bundles of a session that only read theirs: what the store has unpacked, seen through a
 * read-only mount. Nothing can be written through it, by a container, a hook or a test, whatever the configuration says.
 */
export class SharedRootfs {
  readonly #directory: string
  readonly #store: ArchiveStore
  readonly #places = new Map<string, Promise<string | undefined>>()

  /** @param sessionDirectory the session's; its mounts go with it */
  constructor(sessionDirectory: string, store: ArchiveStore) {
    this.#directory = sharedRootfsDirectory(sessionDirectory)
    this.#store = store
  }

  /**
   * The root file system of an archive, for reading only.
   *
   * @returns its absolute path; undefined where this process may not mount, or the store's file system is mounted with
   * options that would be noticed
   * @throws what unpacking the archive throws
   */
  async of(archive: Archive): Promise<string | undefined> {
    return await remember(this.#places, archive.digest, async () => {
      const rootfs = await this.#store.unpacked(archive)
      return this.#mounted(rootfs, `${archive.name}-${archive.digest.slice(-12)}`)
    })
  }

  #mounted(rootfs: string, name: string): string | undefined {
    makeDirectory(this.#directory)
    const place = join(this.#directory, name)
    makeDirectory(place)
    // Of two processes that both find nothing there, the second puts its mount over the first's: they are the same.
    if (mountAt(place) !== undefined) return place
    const aside = join(this.#directory, `.${name}.${process.pid}`)
    makeDirectory(aside)
    try {
      return mountReadOnly(rootfs, aside, place) ? place : undefined
    } catch (error) {
      if (error instanceof SystemCallError || error instanceof UnsupportedMachineError) return undefined
      throw error
    } finally {
      rmdirSync(aside)
    }
  }
}

/** A mount begins writable, so it is made aside, where nobody looks, and shown at its place once it is not. */
function mountReadOnly(rootfs: string, aside: string, place: string): boolean {
  bindMount(realpathSync(rootfs), aside)
  try {
    if (mountAt(aside)?.options.some((option) => strangeOptions.includes(option)) !== false) return false
    makeMountReadOnly(aside)
    bindMount(aside, place)
    return true
  } finally {
    unmount(aside)
  }
}

function mountAt(place: string): MountEntry | undefined {
  return readMounts().findLast(({ mountPoint }) => mountPoint === place)
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o711 })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}
