// The worker of a run: loads suites, runs the tests of a plan, and tells of each.
import { setMaxListeners } from 'node:events'
import { pathToFileURL } from 'node:url'
import { sessionVariable } from '../guard/index.ts'
import { programPath } from '../host/index.ts'
import { withImporterIn } from './import-modules.ts'
import { loadSuites } from './load-suites.ts'
import type { RunPlan } from './plan.ts'
import { runPlan } from './run-plan.ts'
import { isOrder, type Tell } from './worker-messages.ts'

const tell: Tell = (news) => process.send?.(news, undefined, undefined, () => undefined)

const tellError = (error: unknown) =>
  tell({ kind: 'error', error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
process.on('uncaughtException', tellError)
process.on('unhandledRejection', tellError)

// A terminal sends Ctrl-C to everybody: the launcher ends the run, and here the tests under way are cut short.
const stopped = new AbortController()
setMaxListeners(0, stopped.signal)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopped.abort())
// The launcher wants no more of this process, or has ended.
process.on('disconnect', () => process.exit())
process.on('message', (message) => {
  if (!isOrder(message)) return
  if (message.kind === 'stop') stopped.abort()
  else
    void perform(message.plan)
      .catch(tellError)
      .finally(() => tell({ kind: 'done' }))
})

// Every plan has the shipped suites: they are loaded while it is being made. What is wrong is told when they are asked for.
void import(pathToFileURL(programPath('suites/index.js')).href).catch(() => undefined)

async function perform(plan: RunPlan): Promise<void> {
  process.env[sessionVariable] = plan.session
  if (plan.suites.every(({ module }) => module === undefined))
    return await runPlan(plan, await loadSuites(plan.suites), tell, stopped.signal)
  // To the end of the tests, as these may import more.
  await withImporterIn(plan.temporaryDirectory, async (importModule) =>
    runPlan(plan, await loadSuites(plan.suites, importModule), tell, stopped.signal),
  )
}
