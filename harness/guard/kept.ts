import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { publishFile } from './publish.ts'

const markName = 'kept'

/** Marks a session as one that a user wants to look at. */
export function markKept(session: string): void {
  publishFile(session, markName, '')
}

/** Whether a session was marked so. */
export function isMarkedKept(session: string): boolean {
  return existsSync(join(session, markName))
}
