import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { isFileError, succeeds } from './file-error.ts'

/** Opens a directory for its identity only, whatever its mode (open(2), O_PATH). Node has no name for that flag. */
const identityOnly = 0x200000 | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** When the directory is still not empty after so many passes, something fills it as fast as it is emptied. */
const mostPasses = 100

/**
 * Entries removed before others get a turn. A root file system has hundreds of small files: to hand each to another
 * thread takes ten times as long as to remove it.
 */
const entriesAtOnce = 64

const slash = Buffer.from('/')

/**
 * Removes a directory and all that is in it, though processes may still be at work inside: a container, or the tar of
 * a builder that was killed.
 *
 * Every directory is moved up to the top before it is looked into. Symbolic links are never followed; a mount point
 * cannot be moved (rename(2), EBUSY), so nothing is removed from another file system or through a bind mount; and no
 * path grows long or leads through a directory that somebody else could swap for a link.
 *
 * @param top a directory, no mount point, in which nobody else creates or renames entries.
 * @throws what the kernel says where an entry cannot be removed: EBUSY for a mount point, EPERM for an immutable file.
 */
export async function removeTree(top: string): Promise<void> {
  for (let pass = 0; pass < mostPasses; pass += 1) {
    await removeContent(Buffer.from(top))
    if (removeEmpty(Buffer.from(top))) return
  }
  throw new Error(`${top} is being filled while it is removed`)
}

async function removeContent(top: Buffer): Promise<void> {
  const prefix = randomBytes(6).toString('hex')
  const moved: Buffer[] = []
  const moveUp = (directory: Buffer): void => {
    const target = inside(top, Buffer.from(`.${prefix}-${moved.length}`))
    if (moveEntry(directory, target)) moved.push(target)
  }
  await empty(top, moveUp)
  for (let next = moved[0], taken = 0; next !== undefined; taken += 1, next = moved[taken]) {
    await empty(next, moveUp)
    removeEmpty(next)
  }
}

/** Empties a directory but for its subdirectories, which are handed over. */
async function empty(path: Buffer, moveUp: (directory: Buffer) => void): Promise<void> {
  const { mode } = lstatSync(path)
  if ((mode & 0o700) !== 0o700) chmodSync(path, 0o700)
  const entries = readdirSync(path, { encoding: 'buffer', withFileTypes: true })
  for (const [position, entry] of entries.entries()) {
    if (position % entriesAtOnce === 0) await setImmediate()
    if (entry.isDirectory()) moveUp(inside(path, entry.name))
    else removeFile(inside(path, entry.name))
  }
}

/**
 * Moves an entry to another directory, without following it if it is a link.
 *
 * @returns whether it was still there.
 */
export function moveEntry(from: Buffer, to: Buffer): boolean {
  const move = (): boolean => succeeds(() => renameSync(from, to), 'ENOENT')
  try {
    return move()
  } catch (error) {
    if (!isFileError(error, 'EACCES')) throw error
    makeWritable(from)
    return move()
  }
}

/** A directory moves to another parent only if its own `..` may be written, which root need not mind. */
function makeWritable(path: Buffer): void {
  const descriptor = openSync(path, identityOnly)
  try {
    chmodSync(`/proc/self/fd/${descriptor}`, 0o700)
  } finally {
    closeSync(descriptor)
  }
}

/** What became a directory meanwhile is left for the next pass. */
function removeFile(path: Buffer): void {
  succeeds(() => unlinkSync(path), 'ENOENT', 'EISDIR')
}

function removeEmpty(path: Buffer): boolean {
  return succeeds(() => rmdirSync(path), 'ENOTEMPTY', 'EEXIST')
}

function inside(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, slash, name])
}
