import { RunwrightError } from '../host/index.ts'
import { type CommandFailure, type CommandProblem, describeFailure } from './error-message.ts'
import type { LogEntry } from './log-entries.ts'
import { shellQuote } from './shell-quote.ts'

/** Why a command failed, for programs. */
export type RuntimeErrorCode = (typeof codes)[CommandProblem['kind']]

const codes = {
  exited: 'RUNTIME_EXITED',
  signaled: 'RUNTIME_SIGNALED',
  'timed-out': 'RUNTIME_TIMED_OUT',
  aborted: 'RUNTIME_ABORTED',
  'not-started': 'RUNTIME_NOT_STARTED',
  unknown: 'RUNTIME_END_UNKNOWN',
  output: 'RUNTIME_OUTPUT',
} as const

/**
 * A command of the runtime failed. `code` says how:
 *
 * - `RUNTIME_EXITED`: it ended by itself with an exit code that means failure
 * - `RUNTIME_SIGNALED`: a signal killed it
 * - `RUNTIME_TIMED_OUT`, `RUNTIME_ABORTED`: it was stopped, with everything it had started
 * - `RUNTIME_NOT_STARTED`: the program could not be run at all
 * - `RUNTIME_END_UNKNOWN`: it is over, but how it ended was lost to the harness, which says nothing of the runtime
 * - `RUNTIME_OUTPUT`: it ended well but did not deliver: no pid file, unreadable JSON, too much of it
 */
export class RuntimeError extends RunwrightError {
  override readonly code: RuntimeErrorCode
  /** The command as a shell would take it, without what the harness added for itself. */
  readonly commandLine: string
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
  /** What the command printed, as far as its record keeps it. */
  readonly stdout: string
  readonly stderr: string
  readonly logEntries: readonly LogEntry[]
  readonly #failure: CommandFailure

  constructor(failure: CommandFailure, options?: ErrorOptions) {
    super(describeFailure(failure), options)
    this.#failure = failure
    const { problem, reproduction, stdout, stderr, log } = failure
    this.code = codes[problem.kind]
    this.commandLine = shellQuote(reproduction)
    this.exitCode = problem.kind === 'exited' ? problem.exitCode : undefined
    this.signal = problem.kind === 'signaled' ? problem.signal : undefined
    this.stdout = stdout
    this.stderr = stderr
    this.logEntries = log
  }

  /** The same error, telling also what could not be cleaned up after it. */
  withLeftover(leftover: string): RuntimeError {
    return new RuntimeError({ ...this.#failure, leftover }, { cause: this.cause })
  }
}

/** There is no such runtime on this machine; the message says how to get one. */
export class RuntimeNotFoundError extends RunwrightError {
  override readonly code = 'RUNTIME_NOT_FOUND'
}

/** A container id that the harness does not use in a path; nothing was run or made. */
export class InvalidContainerIdError extends RunwrightError {
  override readonly code = 'INVALID_CONTAINER_ID'
}

/** An option of the driver makes no sense; nothing was run. */
export class RuntimeOptionError extends RunwrightError {
  override readonly code = 'RUNTIME_OPTION'
}

/** The output was asked for but is not the harness's to read: it was not captured, or is removed already. */
export class OutputNotCapturedError extends RunwrightError {
  override readonly code = 'OUTPUT_NOT_CAPTURED'
}
