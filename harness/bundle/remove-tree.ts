import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, lstat, open, readdir, rename, rmdir, unlink } from 'node:fs/promises'
import { isFileError, unless } from './file-error.ts'

/** Opens a directory for its identity only, whatever its mode (open(2), O_PATH). Node has no name for that flag. */
const identityOnly = 0x200000 | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** When the directory is still not empty after so many passes, something fills it as fast as it is emptied. */
const mostPasses = 100

const filesAtOnce = 64
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
    if (await removeEmpty(Buffer.from(top))) return
  }
  throw new Error(`${top} is being filled while it is removed`)
}

async function removeContent(top: Buffer): Promise<void> {
  const prefix = randomBytes(6).toString('hex')
  const moved: Buffer[] = []
  const moveUp = async (directory: Buffer): Promise<void> => {
    const target = inside(top, Buffer.from(`.${prefix}-${moved.length}`))
    if (await moveEntry(directory, target)) moved.push(target)
  }
  await empty(top, moveUp)
  for (let next = moved[0], taken = 0; next !== undefined; taken += 1, next = moved[taken]) {
    await empty(next, moveUp)
    await removeEmpty(next)
  }
}

/** Empties a directory but for its subdirectories, which are handed over. */
async function empty(path: Buffer, moveUp: (directory: Buffer) => Promise<void>): Promise<void> {
  const { mode } = await lstat(path)
  if ((mode & 0o700) !== 0o700) await chmod(path, 0o700)
  const files = []
  for (const entry of await readdir(path, { encoding: 'buffer', withFileTypes: true })) {
    if (entry.isDirectory()) await moveUp(inside(path, entry.name))
    else files.push(inside(path, entry.name))
  }
  await removeFiles(files)
}

/**
 * Moves an entry to another directory, without following it if it is a link.
 *
 * @returns whether it was still there.
 */
export async function moveEntry(from: Buffer, to: Buffer): Promise<boolean> {
  try {
    return await unless(['ENOENT'], () => rename(from, to))
  } catch (error) {
    if (!isFileError(error, 'EACCES')) throw error
    await makeWritable(from)
    return await unless(['ENOENT'], () => rename(from, to))
  }
}

async function makeWritable(path: Buffer): Promise<void> {
  const directory = await open(path, identityOnly)
  try {
    await chmod(`/proc/self/fd/${directory.fd}`, 0o700)
  } finally {
    await directory.close()
  }
}

async function removeFiles(paths: readonly Buffer[]): Promise<void> {
  for (let start = 0; start < paths.length; start += filesAtOnce) {
    await Promise.all(paths.slice(start, start + filesAtOnce).map(removeFile))
  }
}

/** What became a directory meanwhile is left for the next pass. */
async function removeFile(path: Buffer): Promise<void> {
  await unless(['ENOENT', 'EISDIR'], () => unlink(path))
}

async function removeEmpty(path: Buffer): Promise<boolean> {
  return await unless(['ENOTEMPTY', 'EEXIST'], () => rmdir(path))
}

function inside(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, slash, name])
}
