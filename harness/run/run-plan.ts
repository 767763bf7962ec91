import { setTimeout as delay } from 'node:timers/promises'
import { currentSession, LeakSentinel } from '../guard/index.ts'
import {
  isRed,
  mostMs,
  openEnvironment,
  runTest,
  type SuiteEnvironment,
  type TestDeclaration,
  type TestEnd,
  takeFailureOf,
} from '../suite/index.ts'
import type { LoadedSuites } from './load-suites.ts'
import type { PlannedRuntime, RunPlan } from './plan.ts'
import { plannedSuites } from './planned-tests.ts'
import { TestExpectations } from './test-expectations.ts'
import type { Tell } from './worker-messages.ts'

/** One test on one runtime. */
interface PlannedTest {
  readonly declaration: TestDeclaration
  /** Opened by the first test that needs it. */
  readonly environment: () => Promise<SuiteEnvironment>
  /** Is told when the test has ended. */
  readonly ended: () => Promise<void>
}

/**
 * Runs the tests of a plan, as many side by side as it says, and tells of each. A test that could not even be judged is
 * told of as an error.
 *
 * @param stopped once it fires no further test begins, and those under way are cut short
 */
export async function runPlan(
  plan: RunPlan,
  loaded: LoadedSuites,
  tell: Tell,
  stopped: AbortSignal,
): Promise<void> {
  const session = await currentSession()
  // This worker does nothing beside: what it still has open in the end is some test's.
  const sentinel = new LeakSentinel(session, { isAlone: true })
  const parts = { session, sentinel, catalogue: loaded.catalogue }
  const waiting = plan.runtimes.flatMap((runtime) => testsOn(runtime, plan, loaded, parts)).values()
  const work = async () => {
    for (const test of waiting) {
      if (stopped.aborted) return
      await runOne(test, tell, stopped)
    }
  }
  await Promise.all(Array.from({ length: plan.jobs }, work))
  session.recordLeaks(await sentinel.finish())
}

function testsOn(
  { runtime, resolved, selection }: PlannedRuntime,
  { shard, deviations, commandTimeoutMs, removesBundles }: RunPlan,
  loaded: LoadedSuites,
  parts: Pick<Parameters<typeof openEnvironment>[0], 'session' | 'sentinel' | 'catalogue'>,
): readonly PlannedTest[] {
  let opened: Promise<SuiteEnvironment> | undefined
  const environment = () => {
    opened ??= openEnvironment({
      ...{ ...parts, runtime, deviations: [...deviations, ...loaded.deviations] },
      ...(resolved === undefined ? {} : { resolved }),
      ...(commandTimeoutMs === undefined ? {} : { commandTimeoutMs }),
    })
    return opened
  }
  const tests = plannedSuites(loaded, { selection, shard }).flatMap((suite) => suite.tests)
  let left = tests.length
  const ended = async () => {
    left -= 1
    if (left === 0 && removesBundles) await (await opened)?.bundles.removeAll()
  }
  return tests.map((declaration) => ({ declaration, environment, ended }))
}

async function runOne(
  { declaration, environment, ended }: PlannedTest,
  tell: Tell,
  stopped: AbortSignal,
): Promise<void> {
  const { id } = declaration
  tell({ kind: 'started', testId: id })
  try {
    const { report, evidence } = await withinLimit(declaration, perform(declaration, environment, stopped))
    tell({ kind: 'ended', report, ...(isRed(report.outcome) ? { evidence } : {}) })
  } catch (error) {
    tell({
      kind: 'error',
      error: `'${id}' gave no report: ${error instanceof Error ? error.message : error}`,
    })
  }
  await ended()
}

async function perform(
  declaration: TestDeclaration,
  environment: PlannedTest['environment'],
  cancelled: AbortSignal,
): Promise<TestEnd> {
  const expectations = new TestExpectations(declaration.title)
  const body: TestDeclaration['body'] = async (context) => {
    await declaration.body(context)
    await expectations.settled()
  }
  return await runTest({ ...declaration, body }, await environment(), {
    expect: expectations.expect,
    cancelled,
    failure: () => takeFailureOf(expectations.task),
  })
}

/** The last resort: a test is judged and cleaned up after long before this strikes. */
async function withinLimit(declaration: TestDeclaration, end: Promise<TestEnd>): Promise<TestEnd> {
  const limitMs = mostMs(declaration)
  const over = new AbortController()
  const late = delay(limitMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`it did not end within ${limitMs / 1000} s`)
  })
  late.catch(() => undefined) // which is how it hears that it is over
  try {
    return await Promise.race([end, late])
  } finally {
    over.abort()
  }
}
