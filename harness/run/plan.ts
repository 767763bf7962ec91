import type { ResolvedRuntime } from '../runtime/index.ts'
import type { Deviation, RuntimeUnderTest, Shard } from '../suite/index.ts'
import type { SuitesSource } from './load-suites.ts'

/** One runtime of a run, and what is run on it. */
export interface PlannedRuntime {
  readonly runtime: RuntimeUnderTest
  /** What it was resolved to; absent where the worker has to find out by its name. */
  readonly resolved?: ResolvedRuntime | undefined
  /** Suite names and test ids; none means all suites that were asked for, or else everything. */
  readonly selection: readonly string[]
}

/** What one run is to do: plain data, because it crosses into the worker that does it. */
export interface RunPlan {
  /** Directory of the session that owns everything the run creates. */
  readonly session: string
  /** Where what imports a user's modules keeps its temporary files. */
  readonly temporaryDirectory: string
  readonly runtimes: readonly PlannedRuntime[]
  /** The modules whose suites are run, and whose catalogue they cover. */
  readonly suites: readonly SuitesSource[]
  readonly shard?: Shard | undefined
  /** How many tests may be under way at once. */
  readonly jobs: number
  /** How long one command of a runtime may take, in milliseconds; the driver's own limit when absent. */
  readonly commandTimeoutMs?: number | undefined
  /** Known deviations beside those that come with the suites. */
  readonly deviations: readonly Deviation[]
  /** Whether a runtime's bundles are removed as soon as its tests have ended, and not with the session. */
  readonly removesBundles: boolean
}
