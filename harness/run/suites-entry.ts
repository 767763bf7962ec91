// The one test file of a run: vitest loads it in the worker, and it registers the planned suites for every
// runtime. Compiled, it is what `runwright run` points vitest at. Where there are modules of a
// user's, which may be TypeScript, it is loaded through vite and so imports them through vite.
import { setMaxListeners } from 'node:events'
import { afterAll, describe, inject, test } from 'vitest'
import { currentSession, LeakSentinel } from '../guard/index.ts'
import { openEnvironment, registerSuites } from '../suite/index.ts'
import { loadSuites } from './load-suites.ts'
import { plannedSuites } from './planned-tests.ts'

// A terminal sends Ctrl-C to everybody: the launcher ends the run, and here the tests under way are cut short.
const stopped = new AbortController()
setMaxListeners(0, stopped.signal)
process.on('SIGINT', () => stopped.abort())

const plan = inject('runwrightPlan')
const { suites, catalogue } = await loadSuites(plan.suites, (url) => import(/* @vite-ignore */ url))
const session = await currentSession()
// This worker does nothing beside: what it still has open in the end is some test's.
const sentinel = new LeakSentinel(session, { isAlone: true })
afterAll(async () => session.recordLeaks(await sentinel.finish()))

for (const { runtime, resolved, selection } of plan.runtimes) {
  const planned = plannedSuites(suites, { selection, shard: plan.shard })
  const environment = openEnvironment({
    session,
    runtime,
    deviations: plan.deviations,
    catalogue,
    sentinel,
    ...(resolved === undefined ? {} : { resolved }),
    ...(plan.commandTimeoutMs === undefined ? {} : { commandTimeoutMs: plan.commandTimeoutMs }),
  })
  describe(runtime.name, () => {
    registerSuites(test, planned, () => environment, stopped.signal)
    if (plan.removesBundles) afterAll(async () => (await environment).bundles.removeAll())
  })
}
