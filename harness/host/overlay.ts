import type { MountEntry } from './mounts.ts'
import { makeMountPrivate, mountFileSystem, unmount } from './system-calls.ts'

/** What the list of mounts shows as the source of an overlay that the harness made. */
const ownSource = 'runwright'

/** mount(2) takes a page of options, its end included, and cuts off the rest without a word. */
const mostOptions = 4095

/**
 * - `index`: the names of one file stay names of one file when it is written to
 * - `redirect_dir`: directories of the lower layer can be renamed
 * - `metacopy`: a change of mode or owner copies the file's content as well, as its time of change says
 * - `volatile`: to unmount it does not write the whole disk's unwritten data out first, and fsync(2) does nothing
 */
const behaviour = 'index=on,redirect_dir=on,metacopy=off,volatile'

/** The directories that an overlay shows as one. */
export interface OverlayLayers {
  /** Only read, and not to be changed by anybody as long as the overlay is mounted. */
  readonly lower: string
  /** Gets what is written. Its own mode and owner are those of the overlay's root. */
  readonly upper: string
  /** Empty, on the same file system as `upper`; the kernel's own. */
  readonly work: string
}

/**
 * Mounts an overlay that behaves as far as possible like a copy of the lower layer. It is a private mount.
 *
 * @param place a directory
 * @returns false, and nothing is mounted, for paths that the kernel's syntax of options cannot hold
 * @throws SystemCallError, also where the kernel does not know one of the options
 */
export function mountOverlay({ lower, upper, work }: OverlayLayers, place: string): boolean {
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},${behaviour}`
  const hasSeparator = [lower, upper, work].some((path) => /[\\,:]/.test(path))
  if (hasSeparator || Buffer.byteLength(options) > mostOptions) return false
  mountFileSystem('overlay', ownSource, place, options)
  try {
    makeMountPrivate(place)
    return true
  } catch (error) {
    unmount(place, 'at once')
    throw error
  }
}

/** The overlays that the harness made, out of a list of mounts. */
export function ownOverlays(mounts: readonly MountEntry[]): readonly MountEntry[] {
  return mounts.filter((mount) => isOwnOverlay(mount, mounts))
}

/**
 * Whether the harness made a mount by `mountOverlay`; not one that shows the same overlay once more, on top of it or
 * elsewhere.
 *
 * @param mounts all that were there at that time
 */
export function isOwnOverlay(mount: MountEntry, mounts: readonly MountEntry[]): boolean {
  const { id, type, source, device } = mount
  if (type !== 'overlay' || source !== ownSource) return false
  return mounts.find((other) => other.device === device)?.id === id
}
