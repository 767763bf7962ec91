import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { type AttributedLeak, leakKindSchema } from './leak.ts'
import { publishFile } from './publish.ts'
import { parseAs, readOwnFile } from './session-record.ts'

const leaksSchema = v.array(
  v.object({
    kind: leakKindSchema,
    what: v.string(),
    test: v.exactOptional(v.string()),
  }),
)

/** How the name of a file starts that tells of leaks. */
const namePrefix = 'leaks-'

/** Writes leaks down in a session's directory, where the process that reports on the run finds them. */
export function recordLeaks(session: string, slot: string, leaks: readonly AttributedLeak[]): void {
  if (leaks.length > 0) publishFile(session, `${namePrefix}${slot}.json`, JSON.stringify(leaks))
}

/** The leaks that the processes of a session have written down, in no particular order. */
export function readRecordedLeaks(session: string): AttributedLeak[] {
  return readdirSync(session)
    .filter((name) => name.startsWith(namePrefix))
    .flatMap((name) => parseAs(leaksSchema, readOwnFile(join(session), name)) ?? [])
}
