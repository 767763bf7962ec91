import type { DiagnosticOptions, Paint, ReportFormatName } from '../report/index.ts'
import type { Shard } from '../suite/index.ts'

/** What a run was asked for. */
export interface RunRequest extends DiagnosticOptions {
  /** Suites and test ids. */
  readonly names: readonly string[]
  /** Modules of suites beside the shipped ones; what is run is theirs, unless names say otherwise. */
  readonly suites: readonly string[]
  readonly runtimes: readonly string[]
  /** Absolute path of the directory that results.json goes to. */
  readonly output: string
  readonly jobs: number
  readonly keep: boolean
  readonly form: 'text' | 'json'
  /** Reports that go beside results.json. */
  readonly reports: readonly ReportFormatName[]
  readonly shard?: Shard
  /** How long one command of a runtime may take, in milliseconds. */
  readonly commandTimeoutMs?: number
  /** Absolute paths of lists of deviations beside the shipped ones. */
  readonly deviations: readonly string[]
  /** Absolute path of the list of deviations that is to fit what this run finds; read, too, where it is there. */
  readonly updateDeviations?: string
}

/** Where a run prints, and what can stop it. */
export interface RunTerminal {
  readonly output: NodeJS.WriteStream
  readonly progress: NodeJS.WriteStream
  readonly paint: Paint
  /** Whether a GitHub workflow reads what is printed. */
  readonly isWorkflow: boolean
  readonly cancelled: AbortSignal
}
