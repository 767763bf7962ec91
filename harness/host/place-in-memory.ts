import { type MountEntry, readMounts } from './mounts.ts'

/** Where a host has files in memory that every reboot empties, the usual place first. */
const places = ['/run', '/dev/shm'] as const

/**
 * The directory for root's short-lived files: in memory, where a file comes and goes without a disk, and one that
 * programs can be run from. Debian's `/run` is `noexec`, in containers it is often on a disk, and Docker's `/dev/shm` is
 * `noexec`.
 *
 * @param mounts as the kernel lists them, later ones over earlier ones
 * @returns undefined where no place is both
 */
export function placeInMemory(mounts: readonly MountEntry[] = readMounts()): string | undefined {
  return places.find((place) => {
    const mount = mounts.findLast(({ mountPoint }) => mountPoint === place)
    return mount?.type === 'tmpfs' && !mount.options.includes('noexec')
  })
}
