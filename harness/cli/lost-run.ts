import { type HostFacts, hostFacts } from '../host/index.ts'
import { buildResults, type Results } from '../report/index.ts'
import type { RuntimeUnderTest } from '../suite/index.ts'
import { packageVersion } from './package-version.ts'
import type { PlannedRun } from './plan-run.ts'
import type { RunRequest } from './run-request.ts'

/** A run whose virtual machine has gone, and with it what it had found out. */
interface LostRun {
  readonly request: RunRequest
  readonly plan: PlannedRun
  /** Why nothing is known, for a person. */
  readonly reason: string
  readonly startedAt: Date
  /** What is known of the runtimes without the machine. */
  readonly runtimes: readonly RuntimeUnderTest[]
  /** The release of the machine's kernel, where it is known. */
  readonly kernel?: string
}

/** The results of a run of which nothing is left: all of its tests are missing, and the error says why. */
export function lostResults({ request, plan, reason, startedAt, runtimes, kernel }: LostRun): Results {
  const facts = hostFacts()
  const host: HostFacts = {
    ...facts,
    kernel: kernel ?? facts.kernel,
    machine: 'a virtual machine that ended',
  }
  const { shard } = request
  return buildResults({
    runwright: packageVersion(),
    startedAt: startedAt.toISOString(),
    wallMs: Date.now() - startedAt.getTime(),
    ...(shard === undefined ? {} : { shard: { index: shard.index, total: shard.total } }),
    ...{ host, catalogue: plan.named.catalogue, runtimes, tests: [], leaks: [] },
    errors: [reason],
    planned: plan.tests.length * request.runtimes.length,
  })
}
