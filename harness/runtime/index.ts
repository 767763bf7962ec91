/**
 * Drives the command line of an OCI runtime: containers and their processes, exact exit statuses, consoles, output,
 * events, errors that explain themselves; and what is known about each runtime.
 */
export type { ListedContainer } from './answers.ts'
export { beginningOf } from './bounded-text.ts'
export type { CommandRecord, RunResult } from './command-record.ts'
export type { CallOptions } from './commands.ts'
export { Container } from './container.ts'
export { checkContainerId } from './container-id.ts'
export { ContainerProcess, type WaitOptions } from './container-process.ts'
export {
  InvalidContainerIdError,
  OutputNotCapturedError,
  RuntimeError,
  type RuntimeErrorCode,
  RuntimeNotFoundError,
  RuntimeOptionError,
} from './errors.ts'
export type { EventsOptions } from './event-stream.ts'
export type { ExecOptions, ProcessToExecute, SpawnOptions } from './execute.ts'
export type { BundlePath, CreateOptions, RunOptions } from './launch.ts'
export type { LogEntry } from './log-entries.ts'
export type { ReadOptions } from './output.ts'
export { recordedContainers } from './own-directories.ts'
export type { ProcessTable } from './process-table.ts'
export {
  profileNamed,
  type RuntimeFeature,
  type RuntimeProfile,
  runtimeProfiles,
} from './profiles.ts'
export { type ReferenceSpec, type ReferenceSpecOptions, referenceSpecOf } from './reference-spec.ts'
export { type ResolvedRuntime, resolveRuntime } from './resolve-runtime.ts'
export { type RawCommandOptions, type RestoreOptions, Runtime, type RuntimeOptions } from './runtime.ts'
export { shellQuote } from './shell-quote.ts'
export type { RuntimeEvent, RuntimeStats } from './stats.ts'
export type { InputSource, OutputTarget, ProcessStreams, StdioOptions } from './stdio.ts'
export type { CheckpointOptions, CriuOptions } from './verb-arguments.ts'
export { comparableVersion, type RuntimeVersion } from './version.ts'
