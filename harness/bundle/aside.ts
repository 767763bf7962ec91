import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BundleMountedError } from './errors.ts'
import { isFileError } from './file-error.ts'
import { refuseForeignMounts, unmountOverlay } from './mounts.ts'
import { ownerOf, ownerPrefix } from './owner.ts'
import type { Places } from './places.ts'
import { removeTree } from './remove-tree.ts'
import { stampName } from './stamp.ts'

const dayMs = 24 * 60 * 60 * 1000

/** A new path for a bundle of this name while it has no place of its own; tells by its name whose it is. */
export function pathAside({ aside }: Places, name: string): string {
  return join(aside, `${ownerPrefix()}${randomBytes(6).toString('hex')}@${name}`)
}

function nameOf(pathAside: string): string {
  return basename(pathAside).replace(/^[^@]*@/, '')
}

/**
 * Removes what lies at a path aside, if anything does, with its stamp. The stamp goes first: once a directory is
 * removed, its inode number can be another bundle's.
 *
 * @throws BundleMountedError when something is mounted there: nothing was removed.
 */
export async function discard({ stamps }: Places, path: string): Promise<void> {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory()) return await unlink(path)
  const isOverlaid = refuseForeignMounts(path)
  rmSync(join(stamps, stampName(nameOf(path), stats.ino)), { force: true })
  if (isOverlaid) unmountOverlay(path)
  await removeTree(path)
}

/**
 * Removes what processes that died left aside. When one of them should be alive in fact, it finds its directory gone and
 * fails, but cannot publish half a bundle: a directory is taken away whole.
 *
 * @returns what could not be removed because something is mounted in it.
 */
export async function discardLeftovers(places: Places): Promise<readonly BundleMountedError[]> {
  const stuck: BundleMountedError[] = []
  for (const entry of readdirSync(places.aside).filter((name) => isLeftover(places, name))) {
    const error = await discardLeftover(places, join(places.aside, entry))
    if (error !== undefined) stuck.push(error)
  }
  return stuck
}

/** Of a process that cannot be asked after, what nobody has touched for a day. */
function isLeftover({ aside }: Places, entry: string): boolean {
  const owner = ownerOf(entry)
  if (owner !== 'unknown') return owner === 'dead'
  const stats = lstatSync(join(aside, entry), { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > dayMs
}

async function discardLeftover(places: Places, path: string): Promise<BundleMountedError | undefined> {
  try {
    refuseForeignMounts(path)
    const claimed = pathAside(places, nameOf(path))
    renameSync(path, claimed) // only one process gets it
    await discard(places, claimed)
  } catch (error) {
    if (error instanceof BundleMountedError) return error
    if (!isFileError(error, 'ENOENT')) throw error // another process was faster
  }
  return undefined
}
