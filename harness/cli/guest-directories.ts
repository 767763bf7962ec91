import { statSync } from 'node:fs'
import { sep } from 'node:path'
import { RunwrightError } from '../host/index.ts'
import type { GuestUser } from '../machine/index.ts'

/** A directory of the host would be hidden in a guest by one of its own. */
class HiddenDirectoryError extends RunwrightError {
  override readonly code = 'HIDDEN_DIRECTORY'
}

/** Where a guest mounts something of its own over the host's files. */
const ownPlaces = ['/run', '/proc', '/sys', '/dev'] as const

/** @throws HiddenDirectoryError when a guest does not see this path of the host */
export function requireVisible(path: string): void {
  const place = ownPlaces.find((own) => path === own || path.startsWith(`${own}${sep}`))
  if (place === undefined) return
  throw new HiddenDirectoryError(
    `${path} cannot be seen in a virtual machine, which has a ${place} of its own`,
  )
}

/** A user could not write what the run is to write. */
class UnwritableDirectoryError extends RunwrightError {
  override readonly code = 'UNWRITABLE_DIRECTORY'
}

/**
 * A guest's users may write where the host's may, for all that its files are there.
 *
 * @throws UnwritableDirectoryError
 */
export function requireWritable(path: string, { name, uid, gid }: GuestUser): void {
  const stats = statSync(path)
  const isOpen =
    uid === 0 ||
    (stats.uid === uid && (stats.mode & 0o200) !== 0) ||
    (stats.gid === gid && (stats.mode & 0o020) !== 0) ||
    (stats.mode & 0o002) !== 0
  if (isOpen) return
  throw new UnwritableDirectoryError(
    `${name} cannot write to ${path}: give it to them (chown), or name another directory with '--output'`,
  )
}

/** Directories without those that lie in another of them. */
export function outermost(directories: readonly string[]): readonly string[] {
  const isWithin = (one: string, other: string): boolean => one !== other && `${one}/`.startsWith(`${other}/`)
  return [...new Set(directories)].filter((one) => !directories.some((other) => isWithin(one, other)))
}
