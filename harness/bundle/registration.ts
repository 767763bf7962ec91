import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Bundle } from './bundle.ts'
import { isFileError } from './file-error.ts'
import { isBundleName } from './name.ts'
import { hasOverlay } from './overlay.ts'
import type { Places } from './places.ts'
import { isValid, readStamp, type Stamp, stampName } from './stamp.ts'

/** A bundle that was found on disk. */
export interface Registration {
  readonly bundle: Bundle
  /** By what to recognise, without reading anything, that it is still the same one. */
  readonly mark: string
  readonly isOverlaid: boolean
}

/** A directory held open: its inode number cannot become another directory's meanwhile. */
export interface OpenDirectory {
  readonly descriptor: number
  readonly stats: BigIntStats
}

const withoutFollowing = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** Opens the directory of this name, undefined when there is none (there may be something else). */
export function openBundleDirectory(places: Places, name: string): OpenDirectory | undefined {
  try {
    const descriptor = openSync(join(places.directory, name), withoutFollowing)
    return { descriptor, stats: fstatSync(descriptor, { bigint: true }) }
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
    throw error
  }
}

/** The stamp that makes an open directory the bundle of this name; undefined when it is none, or not whole. */
export function stampOf(places: Places, name: string, { stats }: OpenDirectory): Stamp | undefined {
  const stamp = readStamp(join(places.stamps, stampName(name, stats.ino)))
  if (stamp === undefined || !isValid(stamp, name, stats)) return undefined
  return stamp.isOverlaid && !hasOverlay(join(places.directory, name)) ? undefined : stamp
}

/** Finds the bundle of this name, whichever process registered it. */
export function findRegistration(places: Places, name: string): Registration | undefined {
  const directory = openBundleDirectory(places, name)
  if (directory === undefined) return undefined
  try {
    const stamp = stampOf(places, name, directory)
    if (stamp === undefined) return undefined
    const mark = markOf(places, name, directory.stats.ino)
    return mark === undefined ? undefined : { bundle: stamp.definition, mark, isOverlaid: stamp.isOverlaid }
  } finally {
    closeSync(directory.descriptor)
  }
}

/** Whether a registration that was found earlier still holds. */
export function isCurrent(places: Places, { bundle, mark, isOverlaid }: Registration): boolean {
  return currentMark(places, bundle.name) === mark && (!isOverlaid || hasOverlay(bundle.path))
}

/**
 * Identity of the directory and of its stamp. The stamp's is needed because a removed directory's inode number is soon
 * given to the next one.
 */
export function markOf(places: Places, name: string, inode: bigint): string | undefined {
  const path = join(places.stamps, stampName(name, inode))
  const stamp = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stamp && `${inode} ${stamp.ino} ${stamp.mtimeNs}`
}

function currentMark(places: Places, name: string): string | undefined {
  const directory = lstatSync(join(places.directory, name), { bigint: true, throwIfNoEntry: false })
  return directory && markOf(places, name, directory.ino)
}

/** Whether the directory of this name was made by a registry, be it before the machine was last started. */
export function isStamped(places: Places, name: string): boolean {
  return currentMark(places, name) !== undefined
}

/** Names of all directories that registries made, sorted. */
export function stampedNames(places: Places): string[] {
  return readdirSync(places.directory)
    .filter((name) => isBundleName(name) && isStamped(places, name))
    .sort()
}
