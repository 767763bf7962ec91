import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from './errno.ts'
import { type Owner, ownSelf } from './owner.ts'
import { publishFile } from './publish.ts'
import { parseOwner, readOwnFile } from './session-record.ts'

/** The directory, within a session's, in which every process that uses the session has a file. */
const membersDirectory = 'members'

/**
 * Notes that this process uses a session, so that it is ended when the session is cleaned behind a dead owner: a test
 * worker outlives the run that was killed, and would go on making things.
 *
 * @returns a number that no other process of the session has
 */
export function joinMembers(session: string): number {
  const directory = join(session, membersDirectory)
  makeDirectory(directory)
  for (let number = lastNumber(directory) + 1; ; number += 1) {
    if (publishFile(directory, String(number), JSON.stringify(ownSelf()))) return number
  }
}

/** The processes that use, or used, a session. */
export function readMembers(session: string): Owner[] {
  const directory = join(session, membersDirectory)
  try {
    return readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => parseOwner(readOwnFile(directory, name)) ?? [])
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

function lastNumber(directory: string): number {
  return Math.max(0, ...readdirSync(directory).map((name) => (/^\d+$/.test(name) ? Number(name) : 0)))
}
