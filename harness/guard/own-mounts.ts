import { isOwnOverlay, type MountEntry } from '../host/index.ts'
import { isSharedRootfs } from './shared-rootfs.ts'

/**
 * Whether the session itself has made a mount that is in its directories, and takes it away: nothing that anybody has
 * left behind.
 *
 * @param all the mounts that were there at that time
 */
export function isOwnMount(mount: MountEntry, all: readonly MountEntry[], sessionDirectory: string): boolean {
  return isSharedRootfs(mount.mountPoint, sessionDirectory) || isOwnOverlay(mount, all)
}
