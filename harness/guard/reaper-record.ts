import { isProcessAlive } from '../host/index.ts'
import type { Deadline } from './deadline.ts'
import { identityOf, type Owner, ownerOf } from './owner.ts'
import { endProcesses } from './processes.ts'
import { publishFile } from './publish.ts'
import { parseOwner, readOwnFile } from './session-record.ts'

const reaperName = 'reaper.json'

/** Notes which process is a session's reaper, so that it can be sent away when the session is closed. */
export function recordReaper(session: string, pid: number): void {
  const reaper = ownerOf(pid)
  if (reaper !== undefined) publishFile(session, reaperName, JSON.stringify(reaper))
}

/** The reaper of a session; undefined when none was noted. */
export function readReaper(session: string): Owner | undefined {
  try {
    return parseOwner(readOwnFile(session, reaperName))
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
