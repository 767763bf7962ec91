import { type ExitStatus, exitCodeOf } from '../host/index.ts'
import type { LogEntry } from './log-entries.ts'

/** One command that was run, for whoever observes a `Runtime`: how long it took, and how to run it again. */
export interface CommandRecord {
  /** What the runtime was asked: `create`, `state`, … */
  readonly verb: string
  /** Exactly what was run, the program first. */
  readonly argv: readonly string[]
  /** The same without what the harness added for itself (log and pid file): to run it again by hand. */
  readonly reproduction: readonly string[]
  readonly workingDirectory: string
  /** Undefined when it was killed by a signal or never started. */
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
  /** What it printed, at most `recordedCharacters` of it; empty where that went elsewhere. */
  readonly stdout: string
  readonly stderr: string
  /** What the runtime logged meanwhile, its last entries. */
  readonly log: readonly LogEntry[]
  /** Milliseconds since the epoch, with fractions. */
  readonly startedAt: number
  readonly durationMs: number
  readonly timedOut: boolean
}

/** How much of a command's output its record keeps, in characters. */
export const recordedCharacters = 16_384

/** How many entries of a log a record keeps. */
export const recordedEntries = 100

/** How a command or a container's process ended, and what it said. */
export interface RunResult {
  /** The exit code; 128 + number for a signal; undefined when nobody can know. */
  readonly exitCode: number | undefined
  readonly status: ExitStatus | undefined
  /** What was captured, at most `maxBytes` of it with a mark where it was cut; empty where that went elsewhere. */
  readonly stdout: string
  readonly stderr: string
  /** What the runtime logged during the command. */
  readonly log: readonly LogEntry[]
  readonly command: CommandRecord
}

/** The result of a command that ended by itself or by a signal. */
export function resultOf(
  status: ExitStatus | undefined,
  output: { readonly stdout: string; readonly stderr: string },
  log: readonly LogEntry[],
  command: CommandRecord,
): RunResult {
  return { exitCode: exitCodeOf(status), status, ...output, log, command }
}
