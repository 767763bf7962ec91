import type { ExpectStatic } from 'vitest'
import { LeaksLeftError } from '../guard/index.ts'
import { probeNeed } from '../host/index.ts'
import type { SuiteDeclaration, TestDeclaration } from './declaration.ts'
import type { SuiteEnvironment } from './environment.ts'
import type { Evidence } from './evidence.ts'
import { takeFailureOf } from './expectation.ts'
import { matchers } from './matchers.ts'
import { isRed } from './outcome.ts'
import { mostMs, runTest } from './run-test.ts'
import type { TestReport } from './test-report.ts'

/** The part of vitest's test context that the harness uses. */
export interface RunnerContext {
  readonly expect: ExpectStatic
  readonly signal: AbortSignal
  readonly task: { readonly meta: { runwright?: TestReport; runwrightEvidence?: Evidence } }
  skip(reason?: string): never
}

/**
 * The part of vitest's `test` that the harness uses. It is handed in, because a second copy of vitest in the
 * tree cannot register tests in the first.
 */
export interface RunnerTest {
  (
    title: string,
    options: {
      readonly timeout: number
      readonly concurrent: boolean
      readonly meta: { readonly runwrightTest: string }
    },
    body: (context: RunnerContext) => Promise<void>,
  ): void
  readonly describe: (title: string, body: () => void) => void
}

const neverStopped = new AbortController().signal

/**
 * Registers the tests of suites with vitest, each bound to the runtime of the environment.
 *
 * In vitest's own terms `pass` and `fixed` pass, `fail` and `broken` fail, `skip` and `deviation` are skipped
 * with the reason; the report itself is left in the task's `meta.runwright`.
 *
 * @param test vitest's `test`
 * @param environment opened by the first test that needs it
 * @param stopped cuts the tests short when it fires, as vitest's own cancelling does
 */
export function registerSuites(
  test: RunnerTest,
  suites: readonly SuiteDeclaration[],
  environment: () => Promise<SuiteEnvironment>,
  stopped: AbortSignal = neverStopped,
): void {
  for (const { name, tests } of suites) {
    if (tests.length === 0) continue
    test.describe(name, () => {
      for (const declaration of tests) registerTest(test, declaration, environment, stopped)
    })
  }
}

function registerTest(
  test: RunnerTest,
  declaration: TestDeclaration,
  environment: () => Promise<SuiteEnvironment>,
  stopped: AbortSignal,
): void {
  // vitest's own timeout is the last resort: the harness has to judge and to clean up before it strikes.
  const timeout = mostMs(declaration)
  const options = { timeout, concurrent: true, meta: { runwrightTest: declaration.id } }
  test(declaration.title, options, async (context) => {
    const containers = await probeNeed('containers')
    if (!containers.met) context.skip(`no container can be made: ${containers.reason}; ${containers.remedy}`)
    context.expect.extend(matchers)
    const { report, error, leaks, evidence } = await runTest(declaration, await environment(), {
      expect: context.expect,
      cancelled: AbortSignal.any([context.signal, stopped]),
      failure: () => takeFailureOf(context.task),
    })
    context.task.meta.runwright = report
    if (isRed(report.outcome)) {
      if (evidence !== undefined) context.task.meta.runwrightEvidence = evidence
      throw shownError(error, report)
    }
    if (leaks.length > 0) throw new LeaksLeftError(leaks)
    if (report.outcome === 'skip') context.skip(report.reason)
    if (report.outcome === 'deviation') context.skip(`deviation: ${report.reason}`)
  })
}

/** What the runner is given for an error. */
function shownError(error: unknown, report: TestReport): unknown {
  return isLarge(error) ? new Error(report.error?.message ?? report.reason) : error
}

/** The runner keeps errors with all their members, and compares what was expected with what came, to the end of a run. */
const largeCharacters = 100_000

function isLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return true
  const texts = [error.message, ...Object.values(error)].filter((value) => typeof value === 'string')
  return texts.some((text) => text.length > largeCharacters)
}
