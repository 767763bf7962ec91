import { chmodSync, existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { atThisPace, ensurePrivateDirectory, RunwrightError } from '../host/index.ts'
import { Deadline } from './deadline.ts'
import { isErrno } from './errno.ts'
import type { Owner } from './owner.ts'
import { publishDirectory } from './publish.ts'
import { startReaper } from './reaper.ts'
import { endReaper, reaperRecordName } from './reaper-record.ts'
import { recordName, type SessionRecord, sessionRecordText, stampName } from './session-record.ts'

/** The directory of the sessions came and went while a session was to be opened in it. */
export class SessionsUnstableError extends RunwrightError {
  override readonly code = 'SESSIONS_UNSTABLE'
}

/** Where a session is opened, and whose it is. */
export interface SessionPlace {
  readonly id: string
  readonly owner: Owner
  /** Directory of all sessions; made where it is missing. */
  readonly sessions: string
  /** Directory below which the session gets one for its bundles. */
  readonly bundles: string
}

/** A cleaner removes the directory of the sessions when it is empty: once in a blue moon right before it is used. */
const mostAttempts = 10
const reaperEndMs = atThisPace(2000)

/**
 * Opens a session: starts its reaper and writes its record, which names the owner and every directory. Nothing else of
 * the session exists before the record does; a reaper whose owner ends before finds nothing and ends too.
 *
 * @returns undefined when there is a session of this name already
 * @throws UnsafeDirectoryError when others could write to the directory of the sessions; ReaperNotStartedError
 */
export async function openSessionAt(place: SessionPlace): Promise<SessionRecord | undefined> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const record = prepareRecord(place)
    if (existsSync(record.directory)) return undefined
    const reaper = startReaper(record.directory, record.owner)
    const outcome = publishRecord(record, reaper)
    if (outcome === 'published') return record
    await endReaper(reaper, new Deadline(reaperEndMs))
    if (outcome === 'exists') return undefined
  }
  throw new SessionsUnstableError(`${place.sessions} keeps disappearing: which program removes it?`)
}

function prepareRecord({ id, owner, sessions, bundles }: SessionPlace): SessionRecord {
  return {
    format: 'runwright.session/1',
    id,
    owner,
    openedAt: new Date().toISOString(),
    directory: join(passableDirectory(sessions), id),
    bundles: join(passableDirectory(bundles), id),
  }
}

function publishRecord(record: SessionRecord, reaper: Owner): 'published' | 'exists' | 'no directory' {
  try {
    const files = { [recordName]: sessionRecordText(record), [reaperRecordName]: JSON.stringify(reaper) }
    return publishDirectory(dirname(record.directory), record.id, files) ? 'published' : 'exists'
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'no directory'
    throw error
  }
}

/** Makes the directory for a session's bundles, with a copy of the record in it, unless it is there. */
export function prepareBundles(record: SessionRecord): void {
  if (existsSync(join(record.bundles, stampName))) return
  publishDirectory(dirname(record.bundles), record.id, { [stampName]: sessionRecordText(record) })
}

/**
 * Makes a private directory, and all on the way to it, that a runtime in a user namespace can pass through as another
 * user. One that is there keeps its mode. Gives its real path, which is what the kernel's list of mounts shows.
 */
function passableDirectory(path: string): string {
  const missing = missingDirectories(path)
  ensurePrivateDirectory(path)
  for (const directory of missing) chmodSync(directory, 0o711)
  return realpathSync(path)
}

function missingDirectories(path: string): string[] {
  return existsSync(path) ? [] : [path, ...missingDirectories(dirname(path))]
}
