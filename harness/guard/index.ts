/**
 * Leaves nothing behind: sessions, which know everything a run makes before it exists; the cleaning of those whose
 * owner is dead, by the next run, by a command, or at once by a reaper; snapshots that tell what a test has left.
 */
export { type CleanDeadOptions, type CleanReport, cleanDeadSessions } from './clean-dead-sessions.ts'
export { type CleanOptions, cleanSession } from './clean-session.ts'
export { currentSession, sessionVariable } from './current-session.ts'
export { createBundleWithFilter, createBusyboxBundle, getBundle } from './default-registry.ts'
export { type AttributedLeak, type Leak, type LeakKind, leakKindSchema, type Remnant } from './leak.ts'
export { LeakSentinel } from './leak-sentinel.ts'
export { LeaksLeftError, type LeakWatch } from './leak-watch.ts'
export { childrenOfThisProcess } from './own-process.ts'
export { type Owner, ownerOf } from './owner.ts'
export { ReaperNotStartedError } from './reaper.ts'
export {
  type OpenSessionOptions,
  Session,
  SessionClosedError,
  SessionNameError,
  type SessionPart,
} from './session.ts'
export { defaultRuntime } from './session-bundles.ts'
export type { CleanOutcome, SessionCleaning } from './session-cleaner.ts'
export { SessionRefusedError } from './session-record.ts'
export type { SessionRuntimeOptions } from './session-runtime.ts'
export { compareSnapshots, type Snapshot, type SnapshotScope, takeSnapshot } from './snapshot.ts'
export { sweep } from './sweep.ts'
