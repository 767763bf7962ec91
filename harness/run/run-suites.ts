import { atThisPace } from '../host/index.ts'
import type { Evidence, TestReport } from '../suite/index.ts'
import type { RunPlan } from './plan.ts'
import { RunnerSilentError, Silence } from './silence.ts'
import type { SuitesWorker } from './suites-worker.ts'
import type { WorkerNews } from './worker-messages.ts'

/** How long a worker may take from its start to its first test, in milliseconds. It took 0.3 s on an idle machine. */
const startMs = atThisPace(60_000)
/** How long a worker that was told to stop may take from one test's end to the next, in milliseconds. */
const endMs = atThisPace(60_000)

/** What the launcher of a run wants to hear of. */
export interface RunListener {
  started?(testId: string): void
  ended?(report: TestReport, evidence?: Evidence): void
}

/** What became of a run. */
export interface RunEnd {
  readonly reports: readonly TestReport[]
  /** What went wrong outside any test. */
  readonly errors: readonly string[]
}

/**
 * Runs the tests of a plan in a worker.
 *
 * @param plan what to run, on what
 * @param listener hears of every test as it starts and ends
 * @param cancelled once it fires no further test begins, and those under way are cut short
 * @param worker is sent away when they have ended
 * @throws RunnerNotStartedError; RunnerSilentError when no test had ended by then, and later it is among the errors
 */
export async function runSuites(
  plan: RunPlan,
  listener: RunListener,
  cancelled: AbortSignal,
  worker: SuitesWorker,
): Promise<RunEnd> {
  const [reports, errors]: [TestReport[], string[]] = [[], []]
  const silence = new Silence(startMs)
  const hear = (news: WorkerNews) => {
    if (news.kind === 'error') errors.push(news.error)
    if (news.kind !== 'started' && news.kind !== 'ended') return
    silence.heard(cancelled.aborted ? endMs : plan.longestSilenceMs)
    if (news.kind === 'started') listener.started?.(news.testId)
    else {
      reports.push(news.report)
      listener.ended?.(news.report, news.evidence)
    }
  }
  const stop = () => worker.tell({ kind: 'stop' })
  cancelled.addEventListener('abort', stop, { once: true })
  try {
    if (!cancelled.aborted) await Promise.race([worker.run(plan, hear), silence.broken])
  } catch (error) {
    if (!(error instanceof RunnerSilentError) || reports.length === 0) throw error
    errors.push(error.message)
  } finally {
    silence.end()
    await worker[Symbol.asyncDispose]()
    cancelled.removeEventListener('abort', stop)
  }
  return { reports, errors }
}
