import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from './errno.ts'
import { ownSelf, stateOfOwner } from './owner.ts'
import { publishFile } from './publish.ts'
import { parseOwner, readOwnFile } from './session-record.ts'

const claimPattern = /^cleaner-(\d+)$/

/** The right to clean a session, held by one process at a time. */
export interface CleanClaim {
  /** Gives it back. Not needed once the session's directory is gone. */
  release(): void
}

/**
 * Claims the cleaning of a session.
 *
 * A claim is a file that names its holder. The claim of a process that died is never removed, which two could not do
 * safely at once, but succeeded by one with the next number, which only one can make.
 *
 * @returns undefined while another cleaner that lives holds it, in this process or elsewhere
 * @throws ENOENT when the session's directory is gone
 */
export function claimCleaning(directory: string): CleanClaim | undefined {
  for (;;) {
    const last = lastClaim(directory)
    if (last > 0 && isHeld(directory, last)) return undefined
    const name = `cleaner-${last + 1}`
    if (publishFile(directory, name, JSON.stringify(ownSelf())))
      return { release: () => release(directory, name) }
  }
}

/** Whether somebody who lives is cleaning the session. */
export function isBeingCleaned(directory: string): boolean {
  const last = lastClaim(directory)
  return last > 0 && isHeld(directory, last)
}

/** Whether a file in a session's directory is a claim. */
export function isClaim(name: string): boolean {
  return claimPattern.test(name)
}

function lastClaim(directory: string): number {
  const numbers = readdirSync(directory).map((name) => Number(claimPattern.exec(name)?.[1] ?? 0))
  return Math.max(0, ...numbers)
}

function isHeld(directory: string, number: number): boolean {
  try {
    const holder = parseOwner(readOwnFile(directory, `cleaner-${number}`))
    return holder !== undefined && stateOfOwner(holder) !== 'dead'
  } catch {
    return false // given back meanwhile
  }
}

function release(directory: string, name: string): void {
  try {
    unlinkSync(join(directory, name))
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
