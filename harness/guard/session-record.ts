import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import * as v from 'valibot'
import { RunwrightError } from '../host/index.ts'
import { isErrno } from './errno.ts'
import type { Owner } from './owner.ts'
import { isSessionId } from './session-name.ts'

/** A directory is not a session that this user may clean or join. Nothing in it was touched. */
export class SessionRefusedError extends RunwrightError {
  override readonly code = 'SESSION_REFUSED'
}

const absolutePath = v.pipe(v.string(), v.check(isAbsolute, 'not an absolute path'))

const ownerSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  startTime: v.pipe(v.string(), v.regex(/^\d+$/)),
  boot: v.string(),
  pidNamespace: v.string(),
})

const sessionSchema = v.object({
  format: v.literal('runwright.session/1'),
  id: v.pipe(v.string(), v.check(isSessionId, 'not the id of a session')),
  owner: ownerSchema,
  openedAt: v.string(),
  directory: absolutePath,
  bundles: absolutePath,
})

/** What is written down about a session before it makes anything. It never changes. */
export interface SessionRecord {
  readonly format: 'runwright.session/1'
  readonly id: string
  /** When this process ends, so does the session. */
  readonly owner: Owner
  /** ISO 8601. */
  readonly openedAt: string
  readonly directory: string
  /** Where its bundles are; made when it is first wanted. */
  readonly bundles: string
}

/** The name of the record in the session's directory. */
export const recordName = 'session.json'
/** The name of its copy in the bundles directory, which may outlive the other: a reboot empties /run. */
export const stampName = '.session.json'

/** What a record file holds. */
export function sessionRecordText(record: SessionRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`
}

/** Reads an owner out of a file's text; undefined when it is none. */
export function parseOwner(text: string): Owner | undefined {
  return parseAs(ownerSchema, text)
}

/** Reads JSON text as what a schema describes; undefined when it is no JSON or something else. */
export function parseAs<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): v.InferOutput<Schema> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(text))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

/**
 * Reads the record of a session.
 *
 * @param directory the session's; it must belong to this user and be writable by nobody else, and so must the record:
 * what it says is going to be run and removed
 * @returns undefined when there is no such directory
 * @throws SessionRefusedError when the directory is not a session's, or not this user's
 */
export function readSessionRecord(directory: string): SessionRecord | undefined {
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (!stats.isDirectory()) throw refusal(directory, 'it is not a directory')
  const flaw = flawOf(stats)
  if (flaw !== undefined) throw refusal(directory, flaw)
  const record = parseAs(sessionSchema, readOwnFile(directory, recordName))
  if (record === undefined) throw refusal(directory, `its ${recordName} is not the record of a session`)
  if (record.id !== basename(directory)) throw refusal(directory, `its record is of session ${record.id}`)
  if (basename(record.bundles) !== record.id) throw refusal(directory, `its bundles are at ${record.bundles}`)
  return record
}

/** Reads the copy of a session's record from its bundles directory; undefined when there is none to be trusted. */
export function readBundlesStamp(directory: string): SessionRecord | undefined {
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isDirectory() || flawOf(stats) !== undefined) return undefined
  try {
    const record = parseAs(sessionSchema, readOwnFile(directory, stampName))
    return record !== undefined && record.id === basename(directory) && record.bundles === directory
      ? record
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Reads a file of this user's without following a symbolic link.
 *
 * @throws SessionRefusedError when it is missing, or not this user's alone
 */
export function readOwnFile(directory: string, name: string): string {
  const path = join(directory, name)
  const descriptor = openOwn(path, directory)
  try {
    const stats = fstatSync(descriptor)
    const flaw = stats.isFile() ? flawOf(stats) : 'it is not a file'
    if (flaw !== undefined) throw refusal(path, flaw)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function openOwn(path: string, directory: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw refusal(directory, `it has no ${basename(path)}`)
    if (isErrno(error, 'ELOOP')) throw refusal(path, 'it is a symbolic link')
    throw error
  }
}

function flawOf({ uid, mode }: Stats): string | undefined {
  if (uid !== (process.geteuid?.() ?? 0)) return `it belongs to user ${uid}`
  if ((mode & 0o022) !== 0) return `others may write to it (mode ${(mode & 0o7777).toString(8)})`
  return undefined
}

function refusal(path: string, reason: string): SessionRefusedError {
  return new SessionRefusedError(`${path} is left alone: ${reason}`)
}
