import { setMaxListeners } from 'node:events'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExpectStatic } from 'vitest'
import type { AttributedLeak } from '../guard/index.ts'
import { atThisPace } from '../host/index.ts'
import { RunStoppedError, TestDeadlineError } from './broken.ts'
import { CommandLog } from './command-log.ts'
import type { TestDeclaration } from './declaration.ts'
import { findDeviation } from './deviation.ts'
import type { SuiteEnvironment } from './environment.ts'
import { type Evidence, gatherEvidence } from './evidence.ts'
import type { FailedExpectation } from './expectation.ts'
import { type BodyEnd, judge } from './judge.ts'
import { unknownLeaks } from './known-leaks.ts'
import { firstUnmetNeed } from './need.ts'
import { isRed, type Judgement } from './outcome.ts'
import type { Requirement } from './requirement.ts'
import { tooNewFor } from './specification-version.ts'
import { type OpenTestContext, openTestContext } from './test-context.ts'
import { reportOf, type TestReport } from './test-report.ts'

/** How long a body may go on after its deadline has cut its commands short, in milliseconds. */
const settleMs = atThisPace(5_000)

/** How long a test may take beside its own deadline: settling, and removing what it made. */
const cleanUpMs = atThisPace(20_000)

/** How long a test may take in all, in milliseconds: to its deadline, to settle, and to remove what it made. */
export function mostMs({ timeoutMs }: Pick<TestDeclaration, 'timeoutMs'>): number {
  return timeoutMs + 2 * cleanUpMs
}

/** The report of a test, and the error itself where there was one, for a runner that can show more of it. */
export interface TestEnd {
  readonly report: TestReport
  readonly error: unknown
  /** What the test has left on the host. They are written down in the session. */
  readonly leaks: readonly AttributedLeak[]
  /** How to see it again, of a body that threw. */
  readonly evidence: Evidence | undefined
}

/** What a test is run with. */
export interface TestRunner {
  readonly expect: ExpectStatic
  /** Fires when the run is cancelled. */
  readonly cancelled: AbortSignal
  /** What the harness's matchers found wrong last. */
  readonly failure?: () => FailedExpectation | undefined
}

/**
 * Runs one test against the runtime of the environment and judges it. Whatever the body did, what it created is
 * gone when this returns; the promise does not reject.
 */
export async function runTest(
  declaration: TestDeclaration,
  environment: SuiteEnvironment,
  runner: TestRunner,
): Promise<TestEnd> {
  const startedAt = performance.now()
  const log = new CommandLog()
  const { judgement, leaks, evidence } = await skipOrPerform(declaration, environment, log, runner).catch(
    (error: unknown): Performance => ({ judgement: judge({ kind: 'threw', error }, undefined), leaks: [] }),
  )
  const report = reportOf(declaration, environment.runtime, judgement, log, performance.now() - startedAt)
  return {
    report: leaks.length === 0 ? report : { ...report, leaks },
    error: judgement.error,
    leaks,
    evidence,
  }
}

/** What running the body of a test gave. */
interface Performance {
  readonly judgement: Judgement
  readonly leaks: readonly AttributedLeak[]
  readonly evidence?: Evidence | undefined
}

async function skipOrPerform(
  declaration: TestDeclaration,
  environment: SuiteEnvironment,
  log: CommandLog,
  runner: TestRunner,
): Promise<Performance> {
  const reason = await skipReason(declaration, environment)
  if (reason !== undefined) return { judgement: { outcome: 'skip', reason }, leaks: [] }
  const performance = await perform(declaration, environment, log, runner)
  environment.session.recordLeaks(performance.leaks)
  return performance
}

async function skipReason(
  { covers, needs }: TestDeclaration,
  { catalogue, runtime }: SuiteEnvironment,
): Promise<string | undefined> {
  const covered = covers
    .map((id) => catalogue.get(id))
    .filter((found): found is Requirement => found !== undefined)
  const tooNew = tooNewFor(runtime.specVersion, covered)
  if (tooNew !== undefined)
    return `${runtime.name} implements spec ${runtime.specVersion}; '${tooNew.id}' came with ${tooNew.since}`
  const unmet = await firstUnmetNeed(needs, runtime)
  return unmet && `need '${unmet.need}' is not met: ${unmet.reason}; ${unmet.remedy}`
}

async function perform(
  declaration: TestDeclaration,
  environment: SuiteEnvironment,
  log: CommandLog,
  { expect, cancelled, failure }: TestRunner,
): Promise<Performance> {
  const deadline = AbortSignal.timeout(declaration.timeoutMs)
  const signal = AbortSignal.any([cancelled, deadline])
  // Every command that is under way listens, and a test may have as many as it likes.
  setMaxListeners(0, signal)
  const test = await openTestContext(declaration, environment, { expect, signal, log })
  const end = await settle(declaration, test.context, signal)
  const evidence =
    end.kind === 'threw' ? evidenceOf(end.error, test, log, environment, failure?.()) : undefined
  const { error: leftOver, leaks: left } = await test.close()
  const deviation = findDeviation(environment.deviations, declaration.id, environment.runtime)
  const judgement = judge(cutShort(declaration, { cancelled, deadline }, end) ?? end, deviation)
  const ofDeviation = judgement.outcome === 'deviation' ? (deviation?.leaves ?? []) : []
  const leaks = unknownLeaks(left, { ofFailedLaunch: environment.runtime.leaves, ofDeviation }, log.records)
  if (leftOver === undefined || isRed(judgement.outcome)) return { judgement, leaks, evidence }
  const reason = `what the test made could not be removed: ${leftOver.message}`
  return { judgement: { outcome: 'broken', reason, error: leftOver }, leaks }
}

/** Has to be gathered before the test's files are removed, when nobody knows yet whether it is wanted. */
function evidenceOf(
  error: unknown,
  { bundles }: OpenTestContext,
  { records }: CommandLog,
  { session }: SuiteEnvironment,
  failure: FailedExpectation | undefined,
): Evidence {
  return gatherEvidence({ records, bundles, error, failure, session: basename(session.directory) })
}

/** Waits for the body; once the signal has fired, no longer than it takes for its commands to be cut short. */
async function settle(
  declaration: TestDeclaration,
  context: Parameters<TestDeclaration['body']>[0],
  signal: AbortSignal,
): Promise<BodyEnd> {
  const body = (async () => declaration.body(context))().then(
    (): BodyEnd => ({ kind: 'returned' }),
    (error: unknown): BodyEnd => ({ kind: 'threw', error }),
  )
  const finished = new AbortController()
  const givenUp = new Promise<BodyEnd>((resolve) => {
    const giveUp = () => {
      sleep(settleMs, undefined, { signal: finished.signal }).then(
        () => resolve({ kind: 'threw', error: signal.reason }),
        () => {},
      )
    }
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true, signal: finished.signal })
  })
  const end = await Promise.race([body, givenUp])
  finished.abort()
  return end
}

/** The end of a body that was not given the time it wanted: what it then threw says nothing about the runtime. */
function cutShort(
  { timeoutMs }: TestDeclaration,
  { cancelled, deadline }: { readonly cancelled: AbortSignal; readonly deadline: AbortSignal },
  end: BodyEnd,
): BodyEnd | undefined {
  const options = end.kind === 'threw' ? { cause: end.error } : {}
  if (cancelled.aborted)
    return {
      kind: 'threw',
      error: new RunStoppedError('the run was stopped before the test had ended', options),
    }
  if (!deadline.aborted) return undefined
  const missed = `the test did not end within ${timeoutMs / 1000} s`
  return { kind: 'threw', error: new TestDeadlineError(missed, options) }
}
