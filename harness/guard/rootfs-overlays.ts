import { chmodSync, chownSync, lstatSync, mkdirSync, rmdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Archive, ArchiveStore } from '../archive/index.ts'
import type { OverlayPlaces } from '../bundle/index.ts'
import {
  type MountEntry,
  mountOverlay,
  type OverlayLayers,
  ownOverlays,
  readMounts,
  SystemCallError,
  UnsupportedMachineError,
} from '../host/index.ts'
import { isWithin } from './mount-order.ts'
import { overlaysAreLikeCopies } from './overlay-trial.ts'
import { remember } from './remember.ts'
import { strangeOptions } from './shared-rootfs.ts'

/**
 * How many overlays a session may have before copies are made instead. A runtime copies the list of mounts for
 * each container and reads it several times: every mount on it costs 0.1 ms in each such command, of everybody. A copy
 * of busybox costs 8 ms, once.
 */
export const mostOverlays = 32

/**
 * Private root file systems that are not copied: overlays of what the store has unpacked. What a container, a hook or a
 * test writes goes to an upper layer in the bundle, and nothing ever gets to the store.
 */
export class RootfsOverlays {
  readonly #directory: string
  readonly #store: ArchiveStore
  readonly #lowers = new Map<string, Promise<string | undefined>>()
  #isPossible: boolean | undefined

  /** @param directory of the session's bundles, as a real path; it exists when the first overlay is wanted */
  constructor(directory: string, store: ArchiveStore) {
    this.#directory = directory
    this.#store = store
  }

  /**
   * Makes the root file system of a bundle.
   *
   * @returns false where this process may not mount an overlay, or one would not be like a copy, or there are many
   * already: nothing is left then
   * @throws what unpacking the archive throws
   */
  async mount(archive: Archive, places: OverlayPlaces): Promise<boolean> {
    const mounts = readMounts()
    if (!this.#canMount(mounts) || this.#overlaysIn(mounts) >= mostOverlays) return false
    const lower = await remember(this.#lowers, archive.digest, () => this.#store.layer(archive))
    return lower !== undefined && mountLayers(lower, places)
  }

  #overlaysIn(mounts: readonly MountEntry[]): number {
    return ownOverlays(mounts).filter(({ mountPoint }) => isWithin(mountPoint, this.#directory)).length
  }

  /** Tried once, by doing it. */
  #canMount(mounts: readonly MountEntry[]): boolean {
    this.#isPossible ??=
      isOnPlainMount(this.#directory, mounts) && overlaysAreLikeCopies(this.#directory, mountLayers)
    return this.#isPossible
  }
}

/**
 * Whether devices and setuid programs of a copy in this directory would work. Those of an overlay do in any case, which
 * is not for us to allow where the administrator has forbidden it.
 */
function isOnPlainMount(directory: string, mounts: readonly MountEntry[]): boolean {
  const above = mounts.filter(({ mountPoint }) => isWithin(directory, mountPoint))
  const nearest = Math.max(...above.map(({ mountPoint }) => mountPoint.length))
  const options = above.findLast(({ mountPoint }) => mountPoint.length === nearest)?.options
  return options?.some((option) => strangeOptions.includes(option)) === false
}

/** @returns whether it is mounted; when not, nothing is left. */
function mountLayers(lower: string, { rootfs, layers }: OverlayPlaces): boolean {
  const [upper, work] = [join(layers, 'upper'), join(layers, 'work')]
  mkdirSync(rootfs)
  mkdirSync(layers, { mode: 0o700 })
  mkdirSync(work, { mode: 0o700 })
  makeUpper(upper, lower)
  if (haveOneDevice(upper, lower) && tryMount({ lower, upper, work }, rootfs)) return true
  rmdirSync(rootfs)
  rmSync(layers, { recursive: true })
  return false
}

/** The upper layer's root shows as that of the overlay. The mode is the one that copies in bundles have. */
function makeUpper(upper: string, lower: string): void {
  const { uid, gid, atime, mtime } = statSync(lower)
  mkdirSync(upper)
  chownSync(upper, uid, gid)
  chmodSync(upper, 0o755)
  utimesSync(upper, atime, mtime)
}

/** Where the layers are on two file systems, what is written to changes its inode number or device. */
function haveOneDevice(one: string, other: string): boolean {
  return lstatSync(one).dev === lstatSync(other).dev
}

function tryMount(layers: OverlayLayers, rootfs: string): boolean {
  try {
    return mountOverlay(layers, rootfs)
  } catch (error) {
    if (error instanceof SystemCallError || error instanceof UnsupportedMachineError) return false
    throw error
  }
}
