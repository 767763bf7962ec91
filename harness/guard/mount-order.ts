/** A mount as far as unmounting is concerned: ids as in /proc/PID/mountinfo. */
export interface MountPlace {
  readonly id: number
  readonly parentId: number
  readonly mountPoint: string
}

/** Whether a path is a directory or lies below it. Both absolute, without `.` or `..`. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
}

/**
 * The mounts at or below some directories, in the order in which they can be unmounted: a mount before the one it
 * lies on, and of several on the same place the last first.
 *
 * @param mounts in the order of /proc/PID/mountinfo
 */
export function mountsWithin<Mount extends MountPlace>(
  mounts: readonly Mount[],
  directories: readonly string[],
): Mount[] {
  const within = mounts.filter(({ mountPoint }) =>
    directories.some((directory) => isWithin(mountPoint, directory)),
  )
  const parents = new Map(within.map(({ id, parentId }) => [id, parentId]))
  return within
    .map((mount, index) => ({ mount, index, depth: depthOf(mount.id, parents) }))
    .sort((one, other) => other.depth - one.depth || other.index - one.index)
    .map(({ mount }) => mount)
}

function depthOf(id: number, parents: ReadonlyMap<number, number>): number {
  let depth = 0
  // No chain is longer than there are mounts; the list was read while it may have changed.
  for (let above = parents.get(id); above !== undefined && depth < parents.size; above = parents.get(above))
    depth += 1
  return depth
}
