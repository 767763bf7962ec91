import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { RunwrightError } from '../host/index.ts'

/** A file was not written; the message names it and says why. */
export class FileNotWrittenError extends RunwrightError {
  override readonly code = 'FILE_NOT_WRITTEN'
}

const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY
const withoutFollowing = asDirectory | constants.O_NOFOLLOW

/**
 * Writes a file where nothing is, and makes the directories that lead to it. Whatever has the name already stays as it
 * is, also a link that leads nowhere. No link below the directory is followed: each step is taken from the descriptor
 * of the one before, so that nothing swapped meanwhile leads elsewhere. What root makes is given to the owner of the
 * directory it is in.
 *
 * @param directory where the path begins; may be a link
 * @param path of the file, relative, without `..`
 * @returns whether it was written
 * @throws FileNotWrittenError
 */
export function writeNewFile(directory: string, path: string, text: string): boolean {
  const start = openDirectory(directory)
  try {
    return writeBelow(start, path.split('/'), text)
  } catch (cause) {
    throw new FileNotWrittenError(`${directory}/${path} cannot be written: ${reasonOf(cause)}`, { cause })
  } finally {
    closeSync(start)
  }
}

function openDirectory(directory: string): number {
  try {
    return openSync(directory, asDirectory)
  } catch (cause) {
    const reason = isNamed(cause, 'ENOENT', 'ENOTDIR') ? 'it is no directory' : reasonOf(cause)
    throw new FileNotWrittenError(
      `nothing can be written to ${directory}: ${reason}; name that of your repository`,
      { cause },
    )
  }
}

function writeBelow(directory: number, [name = '', ...rest]: readonly string[], text: string): boolean {
  if (rest.length === 0) return writeIn(directory, name, text)
  const inner = enter(directory, name)
  try {
    return writeBelow(inner, rest, text)
  } finally {
    closeSync(inner)
  }
}

function enter(parent: number, name: string): number {
  const path = within(parent, name)
  const isNew = unlessTaken(() => mkdirSync(path)) !== undefined
  const directory = openSync(path, withoutFollowing)
  if (isNew) giveToOwnerOf(parent, directory)
  return directory
}

function writeIn(directory: number, name: string, text: string): boolean {
  const path = within(directory, name)
  const file = unlessTaken(() => openSync(path, 'wx'))?.made
  if (file === undefined) return false
  try {
    giveToOwnerOf(directory, file)
    writeFileSync(file, text)
    return true
  } catch (error) {
    // The next time, half a file would be taken for the user's own.
    unlinkSync(path)
    throw error
  } finally {
    closeSync(file)
  }
}

/** @returns undefined where something has the name already */
function unlessTaken<Made>(make: () => Made): { readonly made: Made } | undefined {
  try {
    return { made: make() }
  } catch (error) {
    if (isNamed(error, 'EEXIST')) return undefined
    throw error
  }
}

/** Where that is not possible, as for root of a user namespace, what was made stays the maker's. */
function giveToOwnerOf(directory: number, made: number): void {
  if (process.geteuid?.() !== 0) return
  const { uid, gid } = fstatSync(directory)
  try {
    fchownSync(made, uid, gid)
  } catch (error) {
    if (!isNamed(error, 'EPERM', 'EINVAL')) throw error
  }
}

function within(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`
}

/** The system's own message names a path below /proc, which tells nobody anything. */
function reasonOf(error: unknown): string {
  if (isNamed(error, 'ENOTDIR', 'ELOOP')) {
    return 'a file or a symbolic link stands where a directory is needed, and no link is followed'
  }
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

function isNamed(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code)
}
