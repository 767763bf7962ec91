import { isProcessAlive } from '../host/index.ts'
import type { Deadline } from './deadline.ts'
import { identityOf, type Owner } from './owner.ts'
import { endProcesses } from './processes.ts'
import { parseOwner, readOwnFile } from './session-record.ts'

/** The file in a session's directory that tells which process is its reaper, so that it can be sent away. */
export const reaperRecordName = 'reaper.json'

/** The reaper of a session; undefined when none was noted. */
export function readReaper(session: string): Owner | undefined {
  try {
    return parseOwner(readOwnFile(session, reaperRecordName))
  } catch {
    return undefined
  }
}

/** Sends a reaper away that has nothing left to do, unless it is this process. */
export async function endReaper(reaper: Owner | undefined, deadline: Deadline): Promise<void> {
  const identity = reaper && identityOf(reaper)
  if (identity === undefined || identity.pid === process.pid || !isProcessAlive(identity)) return
  await endProcesses([identity], deadline)
}
