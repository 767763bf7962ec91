import {
  mostMs,
  type SuiteDeclaration,
  selectTests,
  shardTests,
  type TestDeclaration,
} from '../suite/index.ts'
import type { LoadedSuites } from './load-suites.ts'
import type { PlannedRuntime, RunPlan } from './plan.ts'

/**
 * The suites that are run on one runtime of a plan, cut down to its selection and the plan's shard. The launcher
 * counts them, the worker runs them: both must come to the same tests.
 *
 * @throws UnknownSelectionError
 */
export function plannedSuites(
  { suites, asked }: Pick<LoadedSuites, 'suites' | 'asked'>,
  { selection, shard }: Pick<PlannedRuntime, 'selection'> & Pick<RunPlan, 'shard'>,
): SuiteDeclaration[] {
  const selected = selectTests(suites, selection.length === 0 ? asked : selection)
  return shard === undefined ? selected : shardTests(selected, shard)
}

/** How long no test may begin or end beside what the longest of them may take, in milliseconds. */
const marginMs = 60_000

/** After how long without news of any test a worker that runs these is taken to hang, in milliseconds. */
export function longestSilenceMs(tests: readonly TestDeclaration[]): number {
  return marginMs + Math.max(0, ...tests.map(mostMs))
}
