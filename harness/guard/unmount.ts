import { type MountEntry, readMounts, SystemCallError, unmount } from '../host/index.ts'
import type { Deadline } from './deadline.ts'
import { mountsWithin } from './mount-order.ts'
import type { Obstacle } from './remove-tree.ts'

/** Mounts can be stacked and moved into one another: more rounds than this mean that somebody mounts as we unmount. */
const mostRounds = 16

/** What became of the mounts below some directories. */
export interface Unmounting {
  readonly unmounted: readonly MountEntry[]
  readonly obstacles: readonly Obstacle[]
}

/**
 * Unmounts everything mounted at or below some directories of ours, whatever lies on top first. A mount that is busy
 * is detached: it disappears from the tree now, and for good when its last user is gone (MNT_DETACH, umount(2)).
 *
 * @param directories real paths, without symbolic links
 */
export function unmountWithin(directories: readonly string[], deadline: Deadline): Unmounting {
  const unmounted: MountEntry[] = []
  let reasons = new Map<string, string>()
  let left = mountsWithin(readMounts(), directories)
  for (let round = 0; left.length > 0 && round < mostRounds && !deadline.hasPassed; round += 1) {
    reasons = unmountEach(left, unmounted)
    if (reasons.size >= left.length) break // not one could be unmounted
    left = mountsWithin(readMounts(), directories)
  }
  return {
    unmounted,
    obstacles: left.map(({ mountPoint }) => ({
      path: mountPoint,
      reason: `it could not be unmounted: ${reasons.get(mountPoint) ?? 'there was no time left'}`,
    })),
  }
}

function unmountEach(mounts: readonly MountEntry[], unmounted: MountEntry[]): Map<string, string> {
  const reasons = new Map<string, string>()
  for (const mount of mounts) {
    const { mountPoint } = mount
    const reason = tryUnmount(mountPoint, 'idle') && tryUnmount(mountPoint, 'at once')
    if (reason === undefined) unmounted.push(mount)
    else reasons.set(mountPoint, reason)
  }
  return reasons
}

/** Undefined when it worked, else the name of the error. */
function tryUnmount(mountPoint: string, when: 'idle' | 'at once'): string | undefined {
  try {
    unmount(mountPoint, when)
    return undefined
  } catch (error) {
    if (error instanceof SystemCallError) return error.errnoName
    throw error
  }
}
