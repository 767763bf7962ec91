import type { AttributedLeak, LeakKind } from '../guard/index.ts'
import type { CommandRecord } from '../runtime/index.ts'

/** What a runtime is known to leave on the host. */
export interface KnownLeaks {
  /** Of a container that it could not create. */
  readonly ofFailedLaunch: readonly LeakKind[]
  /** Of any, while it disagrees with the specification as recorded. */
  readonly ofDeviation: readonly LeakKind[]
}

/** Those leaks of a test that its runtime is not known for. */
export function unknownLeaks(
  leaks: readonly AttributedLeak[],
  { ofFailedLaunch, ofDeviation }: KnownLeaks,
  records: readonly CommandRecord[],
): readonly AttributedLeak[] {
  const notCreated = records.filter(isFailedLaunch).flatMap(({ argv }) => argv.at(-1) ?? [])
  return leaks.filter(({ kind, what }) => {
    if (ofDeviation.includes(kind)) return false
    return !ofFailedLaunch.includes(kind) || !notCreated.some((id) => what.includes(id))
  })
}

/** `run` ends as the container's program does, too: where the runtime itself failed, it logged an error. */
function isFailedLaunch({ verb, exitCode, log }: CommandRecord): boolean {
  if (exitCode === 0) return false
  return verb === 'create' || (verb === 'run' && log.some(({ level }) => level === 'error'))
}
