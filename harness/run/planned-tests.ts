import { type SuiteDeclaration, selectTests, shardTests } from '../suite/index.ts'
import type { RunPlan } from './plan.ts'

/**
 * The suites of a plan, cut down to its selection and shard. The launcher counts them, the worker registers
 * them: both must come to the same tests.
 *
 * @throws UnknownSelectionError
 */
export function plannedSuites(
  suites: readonly SuiteDeclaration[],
  { selection, shard }: Pick<RunPlan, 'selection' | 'shard'>,
): SuiteDeclaration[] {
  const selected = selectTests(suites, selection)
  return shard === undefined ? selected : shardTests(selected, shard)
}
