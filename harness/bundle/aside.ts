import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BundleMountedError } from './errors.ts'
import { isFileError, unless } from './file-error.ts'
import { refuseMounted } from './mounts.ts'
import { ownerOf, ownerPrefix } from './owner.ts'
import { removeTree } from './remove-tree.ts'
import { stampName } from './stamp.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The two private directories in which a registry keeps what is not, or not only, a bundle. */
export interface PrivatePlaces {
  /** Working directories: bundles being built or removed. */
  readonly aside: string
  /** Stamps of registered bundles. */
  readonly stamps: string
}

/** A new working directory, whose name says that it is this process's. */
export function makeWorkingDirectory({ aside }: PrivatePlaces): string {
  const path = join(aside, ownName())
  mkdirSync(path, { mode: 0o700 })
  return path
}

function ownName(): string {
  return ownerPrefix() + randomBytes(6).toString('hex')
}

/**
 * Removes a working directory with all that is in it, and the stamps of bundles in it. The stamps go first: once a
 * directory is removed its inode number can be that of another bundle.
 *
 * @throws BundleMountedError when something is mounted there: nothing was removed.
 */
export async function discard({ stamps }: PrivatePlaces, workingDirectory: string): Promise<void> {
  if (await unless(['ENOTEMPTY', 'EEXIST'], () => rmdir(workingDirectory))) return
  refuseMounted(workingDirectory)
  for (const entry of readdirSync(workingDirectory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const { ino } = lstatSync(join(workingDirectory, entry.name), { bigint: true })
    rmSync(join(stamps, stampName(entry.name, ino)), { force: true })
  }
  await removeTree(workingDirectory)
}

/**
 * Removes the working directories of processes that died over them. When one of them could not be alive in fact, it
 * would find its directory gone and fail, but never publish half a bundle: a directory is taken away whole.
 *
 * @returns what could not be removed because something is mounted in it.
 */
export async function discardLeftovers(places: PrivatePlaces): Promise<readonly BundleMountedError[]> {
  const stuck: BundleMountedError[] = []
  for (const name of readdirSync(places.aside).filter((entry) => isLeftover(places, entry))) {
    const error = await discardLeftover(places, name)
    if (error !== undefined) stuck.push(error)
  }
  return stuck
}

/** Of a process that cannot be asked after, what nobody has touched for a day. */
function isLeftover({ aside }: PrivatePlaces, name: string): boolean {
  const owner = ownerOf(name)
  if (owner !== 'unknown') return owner === 'dead'
  const stats = lstatSync(join(aside, name), { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > dayMs
}

async function discardLeftover(places: PrivatePlaces, name: string): Promise<BundleMountedError | undefined> {
  const path = join(places.aside, name)
  try {
    refuseMounted(path)
    const claimed = join(places.aside, ownName())
    renameSync(path, claimed) // only one process gets it
    await discard(places, claimed)
  } catch (error) {
    if (error instanceof BundleMountedError) return error
    if (!isFileError(error, 'ENOENT')) throw error // another process was faster
  }
  return undefined
}
