/**
 * What this machine is and can do: processes and their exact exit, descriptors, mounts, cgroup layout,
 * directories the harness may use, and the needs a test can have of a host.
 */

export {
  ensurePrivateDirectory,
  type HomeDirectories,
  homeDirectories,
  IncompletePackageError,
  packageDirectory,
  programPath,
  UnsafeDirectoryError,
} from './directories.ts'
export { RunwrightError } from './errors.ts'
export { type ExitStatus, exitCodeOf } from './exit-status.ts'
export { createPipe, type Pipe } from './pipe.ts'
export { identifyProcess, isProcessAlive, isProcessId, type ProcessIdentity } from './process-identity.ts'
export type { ReadinessOptions } from './readiness.ts'
export { InvalidProcessIdError, signalProcess } from './signal-process.ts'
export { parseSignal, signalName, UnknownSignalError } from './signals.ts'
export { becomeSubreaper } from './subreaper.ts'
export { SystemCallError, UnsupportedMachineError } from './system-call-error.ts'
export { DeadlineError, type UntilOptions, until } from './until.ts'
export { waitForExit } from './wait-for-exit.ts'
