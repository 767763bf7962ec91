import { realpathSync } from 'node:fs'
import { atThisPace, DeadlineError, until } from '../host/index.ts'
import { type CleanClaim, claimCleaning } from './clean-claim.ts'
import { Deadline } from './deadline.ts'
import { isErrno } from './errno.ts'
import { stateOfOwner } from './owner.ts'
import { type CleanOutcome, SessionCleaner, type SessionCleaning } from './session-cleaner.ts'
import { readSessionRecord } from './session-record.ts'

export interface CleanOptions {
  /** By when it must be over, in milliseconds from now; 15,000 unless told. */
  readonly deadlineMs?: number | undefined
}

export const defaultDeadlineMs = atThisPace(15_000)

/**
 * Removes everything a session left behind whose owner is dead: processes, containers, cgroups, mounts, network
 * namespaces, files. The runtimes it recorded are asked first; what they do not remove, or when they are gone or
 * hang, is removed directly. Nothing that is not the session's is touched. It can be repeated, and two processes that
 * clean at once do not hinder each other.
 *
 * @throws SessionRefusedError when the directory is not a session of this user's
 */
export async function cleanSession(directory: string, options: CleanOptions = {}): Promise<SessionCleaning> {
  const record = readSessionRecord(directory)
  if (record !== undefined && stateOfOwner(record.owner) !== 'dead') return nothingDone(directory, 'alive')
  return await endSession(directory, { ...options, members: 'end' })
}

/** Does what `cleanSession` does, for a session whose owner lives: this process, which is closing it. */
export async function endSession(
  directory: string,
  { deadlineMs = defaultDeadlineMs, members }: CleanOptions & { readonly members: 'end' | 'leave' },
): Promise<SessionCleaning> {
  const deadline = new Deadline(deadlineMs)
  const record = readSessionRecord(directory)
  if (record === undefined) return nothingDone(directory, 'gone')
  const real = realpathSync(directory)
  const claim = await claimWhenFree(real, deadline)
  if (typeof claim === 'string') return nothingDone(directory, claim)
  try {
    return await new SessionCleaner(record, real, deadline).clean(members)
  } finally {
    claim.release()
  }
}

export function nothingDone(directory: string, outcome: CleanOutcome): SessionCleaning {
  return { directory, outcome, removed: [], remaining: [] }
}

async function claimWhenFree(directory: string, deadline: Deadline): Promise<CleanClaim | 'gone' | 'busy'> {
  try {
    return await until(() => claimUnlessGone(directory), {
      timeoutMs: deadline.remainingMs,
      what: `another process to finish cleaning ${directory}`,
    })
  } catch (error) {
    if (error instanceof DeadlineError) return 'busy'
    throw error
  }
}

function claimUnlessGone(directory: string): CleanClaim | 'gone' | undefined {
  try {
    return claimCleaning(directory)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'gone'
    // No room for a claim on a full disk, which cleaning may well empty. It is safe without one, only less orderly.
    if (isErrno(error, 'ENOSPC', 'EDQUOT')) return { release: () => undefined }
    throw error
  }
}
