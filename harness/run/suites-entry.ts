// The one test file of a run: vitest loads it in the worker, and it registers the planned suites for every
// runtime. Compiled, it is what `runwright run` points vitest at.
import { describe, inject, test } from 'vitest'
import { currentSession } from '../guard/index.ts'
import { openEnvironment, registerSuites } from '../suite/index.ts'
import { loadSuites } from './load-suites.ts'
import { plannedSuites } from './planned-tests.ts'

const plan = inject('runwrightPlan')
const { suites, catalogue } = await loadSuites(plan.suitesModule)
const planned = plannedSuites(suites, plan)

for (const runtime of plan.runtimes) {
  const environment = currentSession().then((session) =>
    openEnvironment({ session, runtime, deviations: plan.deviations, catalogue }),
  )
  describe(runtime.name, () => registerSuites(test, planned, () => environment))
}
