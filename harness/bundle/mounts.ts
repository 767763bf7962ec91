import { isOwnOverlay, type MountEntry, readMounts, unmount } from '../host/index.ts'
import { BundleMountedError } from './errors.ts'
import { overlayPlaces } from './overlay.ts'

/**
 * Refuses a directory that is a mount point or has mount points below it, in this process's mount namespace. (What a
 * container mounts in its own namespace is not seen and does not hinder.)
 *
 * @throws BundleMountedError, which names them.
 */
export function refuseMounted(path: string): void {
  refuse(path, mountsWithin(path))
}

/**
 * Refuses a bundle's directory where something is mounted beside its own overlay.
 *
 * @returns whether the overlay is mounted.
 * @throws BundleMountedError, which names what is.
 */
export function refuseForeignMounts(bundle: string): boolean {
  const mounts = mountsWithin(bundle)
  const { rootfs } = overlayPlaces(bundle)
  const others = mounts.filter((mount) => mount.mountPoint !== rootfs || !isOwnOverlay(mount, mounts))
  refuse(bundle, others)
  return mounts.length > 0
}

/**
 * Unmounts a bundle's overlay, which was seen to be there. What still uses it keeps it, but nobody finds it any more; no
 * link is followed.
 */
export function unmountOverlay(bundle: string): void {
  unmount(overlayPlaces(bundle).rootfs, 'at once')
}

function mountsWithin(path: string): readonly MountEntry[] {
  return readMounts().filter(({ mountPoint }) => mountPoint === path || mountPoint.startsWith(`${path}/`))
}

function refuse(path: string, mounts: readonly MountEntry[]): void {
  const points = mounts.map(({ mountPoint }) => mountPoint)
  if (points.length > 0) throw new BundleMountedError(path, points)
}
