import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'
import { type MountEntry, readMounts } from '../host/index.ts'
import type { Deadline } from './deadline.ts'
import { mountsWithin } from './mount-order.ts'
import type { Obstacle } from './remove-tree.ts'

const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8
/** Mounts can be stacked and moved into one another: more rounds than this mean that somebody mounts as we unmount. */
const mostRounds = 16

type Unmount = (path: string, flags: number) => number

let call: { readonly unmount: Unmount; readonly errno: () => number } | undefined

function unmountCall() {
  if (call === undefined) {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi')
    const unmount: Unmount = koffi.load(null).func('umount2', 'int', ['str', 'int'])
    call = { unmount, errno: () => koffi.errno() }
  }
  return call
}

/** umount2(2); undefined when it worked, else the name of the error. */
function unmount(path: string, flags: number): string | undefined {
  const { unmount: umount2, errno } = unmountCall()
  return umount2(path, UMOUNT_NOFOLLOW | flags) === 0 ? undefined : getSystemErrorName(-errno())
}

/** What became of the mounts below some directories. */
export interface Unmounting {
  readonly unmounted: readonly string[]
  readonly obstacles: readonly Obstacle[]
}

/**
 * Unmounts everything mounted at or below some directories of ours, whatever lies on top first. A mount that is busy
 * is detached: it disappears from the tree now, and for good when its last user is gone (MNT_DETACH, umount(2)).
 *
 * @param directories real paths, without symbolic links
 */
export function unmountWithin(directories: readonly string[], deadline: Deadline): Unmounting {
  const unmounted: string[] = []
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

function unmountEach(mounts: readonly MountEntry[], unmounted: string[]): Map<string, string> {
  const reasons = new Map<string, string>()
  for (const { mountPoint } of mounts) {
    const reason = unmount(mountPoint, 0) && unmount(mountPoint, MNT_DETACH)
    if (reason === undefined) unmounted.push(mountPoint)
    else reasons.set(mountPoint, reason)
  }
  return reasons
}
