import type { ExitStatus, ProgramEnd } from '../host/index.ts'
import { type CommandRecord, type RunResult, resultOf } from './command-record.ts'
import type { CommandProblem } from './error-message.ts'
import { RuntimeError } from './errors.ts'
import type { LogEntry } from './log-entries.ts'

/** What a command and those it started have printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
  /** Whether there was more than is kept. */
  readonly isCut: boolean
}

/** A command that has ended, one way or another. */
export class FinishedCommand {
  readonly end: ProgramEnd
  readonly printed: Printed
  readonly log: readonly LogEntry[]
  readonly record: CommandRecord
  readonly #program: string

  constructor(facts: {
    readonly end: ProgramEnd
    readonly printed: Printed
    readonly log: readonly LogEntry[]
    readonly record: CommandRecord
    readonly program: string
  }) {
    this.end = facts.end
    this.printed = facts.printed
    this.log = facts.log
    this.record = facts.record
    this.#program = facts.program
  }

  get isSuccess(): boolean {
    return this.end.kind === 'exited' && this.end.exitCode === 0
  }

  /** @throws RuntimeError unless it ended with exit code 0 */
  expectSuccess(): this {
    if (!this.isSuccess) throw this.failure()
    return this
  }

  /** What it printed, whole. @throws RuntimeError when it failed or printed more than the driver reads */
  output(): string {
    this.expectSuccess()
    if (this.printed.isCut) throw this.failure({ kind: 'output', expectation: tooMuch })
    return this.printed.stdout
  }

  /**
   * Its result, whatever the exit code.
   *
   * @throws RuntimeError when it was never started, or was stopped
   */
  result(): RunResult {
    const status = this.#status()
    if (status === undefined) throw this.failure()
    return resultOf(
      status,
      { stdout: this.printed.stdout, stderr: this.printed.stderr },
      this.log,
      this.record,
    )
  }

  #status(): ExitStatus | undefined {
    if (this.end.kind === 'exited') return { kind: 'exited', code: this.end.exitCode }
    if (this.end.kind === 'signaled') return this.end
    return undefined
  }

  /**
   * The error to throw for it.
   *
   * @param problem why it counts as failed; how it ended, when absent
   */
  failure(problem: CommandProblem = problemOf(this.end), options?: ErrorOptions): RuntimeError {
    // The record's words: errors are kept to the end of a run, and a runtime may have printed megabytes.
    const { verb, reproduction, workingDirectory, stdout, stderr } = this.record
    const { log, end } = this
    const program = this.#program
    const cause = options?.cause ?? ('cause' in end ? end.cause : undefined)
    return new RuntimeError(
      { problem, verb, program, reproduction, workingDirectory, stdout, stderr, log },
      cause === undefined ? undefined : { cause },
    )
  }
}

const tooMuch = 'printed more than the harness is ready to read'

function problemOf(end: ProgramEnd): CommandProblem {
  switch (end.kind) {
    case 'too-much':
      return { kind: 'output', expectation: `${tooMuch}, and was stopped` }
    case 'unknown':
      return { kind: 'unknown' }
    case 'stopped':
      return { kind: 'aborted' }
    default:
      return end
  }
}
