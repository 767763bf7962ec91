import { plannedSuites } from '../run/index.ts'
import type { TestDeclaration } from '../suite/index.ts'
import { type NamedSuites, namedSuites } from './named-suites.ts'
import type { RunRequest } from './run-request.ts'

/** What a run is to do on each of its runtimes. */
export interface PlannedRun {
  readonly named: NamedSuites
  readonly tests: readonly TestDeclaration[]
}

/**
 * Finds out what a run is to do, without doing any of it.
 *
 * @throws SuitesModuleError, NoTestRunnerError, UnknownSelectionError
 */
export async function planRun({ names, suites, shard }: RunRequest): Promise<PlannedRun> {
  const named = await namedSuites(suites)
  const tests = plannedSuites(named, { selection: names, shard }).flatMap((suite) => suite.tests)
  return { named, tests }
}
