import { readdirSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import * as v from 'valibot'
import { parseAs, readOwnFile } from './session-record.ts'

const absolutePath = v.pipe(v.string(), v.check(isAbsolute, 'not an absolute path'))

const runtimeSchema = v.object({
  format: v.literal('runwright.runtime/1'),
  name: v.string(),
  command: v.pipe(v.array(v.string()), v.minLength(1)),
  environment: v.record(v.string(), v.string()),
  root: absolutePath,
  directory: absolutePath,
})

/** What is written down about a runtime before a session runs it, so that it can be told to delete its containers. */
export interface RuntimeRecord {
  readonly format: 'runwright.runtime/1'
  /** What the user calls it. */
  readonly name: string
  /** The words before the verb: a prefix, the program, its global options. */
  readonly command: readonly string[]
  /** Variables that its commands need beside the usual ones. */
  readonly environment: Readonly<Record<string, string>>
  /** Where it keeps the state of its containers. */
  readonly root: string
  /** Where the driver keeps a directory for each container. */
  readonly directory: string
}

/** How the directory of a runtime in a session's starts; its record lies in it. */
const directoryPrefix = 'runtime-'
const temporaryName = 'tmp'
export const runtimeRecordName = 'runtime.json'

/** Where a runtime has its directory, its root, its driver's and its temporary directory within a session's. */
export function runtimePlaces(session: string, slot: string) {
  const name = `${directoryPrefix}${slot}`
  const home = join(session, name)
  return {
    name,
    home,
    root: join(home, 'root'),
    directory: join(home, 'driver'),
    temporary: join(home, temporaryName),
  }
}

/** Where the commands of a session's runtime keep their temporary files. */
export function temporaryDirectoryOf({ root }: { readonly root: string }): string {
  return join(dirname(root), temporaryName)
}

/** What a record file holds. */
export function runtimeRecordText(record: RuntimeRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`
}

/** The runtimes of a session. One whose record cannot be read is left out: it had not been used yet. */
export function readRuntimeRecords(session: string): RuntimeRecord[] {
  return readdirSync(session)
    .filter((name) => name.startsWith(directoryPrefix))
    .flatMap((name) => readRuntimeRecord(join(session, name)) ?? [])
}

function readRuntimeRecord(home: string): RuntimeRecord | undefined {
  try {
    return parseAs(runtimeSchema, readOwnFile(home, runtimeRecordName))
  } catch {
    return undefined
  }
}
