import { linkSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from './errno.ts'
import { ownSelf } from './owner.ts'

/** A directory on its way in or out: it holds plain files only, and belongs to the process in its name. */
const transientPattern = /^\.passing-(\d+)-(\d+)-/

let count = 0

/** A name beside `name` for something that is not, or no longer, to be found under it. */
export function transientName(name: string): string {
  const { pid, startTime } = ownSelf()
  count += 1
  return `.passing-${pid}-${startTime}-${count}-${name}`
}

/** The process that a transient name belongs to; undefined when the name is no such one. */
export function processOfTransient(
  name: string,
): { readonly pid: number; readonly startTime: bigint } | undefined {
  const [, pid, startTime] = transientPattern.exec(name) ?? []
  if (pid === undefined || startTime === undefined) return undefined
  return { pid: Number(pid), startTime: BigInt(startTime) }
}

/**
 * Makes a directory with files in it, all at once: whoever sees the directory sees its files.
 *
 * @param files content by name; readable by the owner alone
 * @param mode of the directory
 * @returns false when a directory of that name with something in it was already there; it is left as it is
 */
export function publishDirectory(
  parent: string,
  name: string,
  files: Readonly<Record<string, string>>,
  mode = 0o711,
): boolean {
  const aside = join(parent, transientName(name))
  mkdirSync(aside, { mode })
  try {
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(aside, file), content, { mode: 0o600, flag: 'wx' })
    }
    renameSync(aside, join(parent, name))
    return true
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false
    throw error
  }
}

/** Makes a file with its content all at once. Returns false when there is one of that name; it is left as it is. */
export function publishFile(directory: string, name: string, content: string): boolean {
  const aside = join(directory, transientName(name))
  writeFileSync(aside, content, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(aside, join(directory, name))
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  } finally {
    unlinkSync(aside)
  }
}
