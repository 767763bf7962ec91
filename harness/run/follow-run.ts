import { atThisPace } from '../host/index.ts'
import type { Evidence, TestReport } from '../suite/index.ts'
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
 * Listens to a worker that has begun to run a plan, until its tests have ended.
 *
 * @param listener hears of every test as it starts and ends
 * @param cancelled once it fires no further test begins, and those under way are cut short
 * @param worker is sent away when they have ended
 * @param longestSilenceMs after how long without news of any test the worker is taken to hang
 * @throws RunnerNotStartedError; RunnerSilentError when no test had ended by then, and later it is among the errors
 */
export async function followRun(
  worker: SuitesWorker,
  listener: RunListener,
  { cancelled, longestSilenceMs }: { readonly cancelled: AbortSignal; readonly longestSilenceMs: number },
): Promise<RunEnd> {
  const [reports, errors]: [TestReport[], string[]] = [[], []]
  const silence = new Silence(startMs)
  const hear = (news: WorkerNews) => {
    if (news.kind === 'error') errors.push(news.error)
    if (news.kind !== 'started' && news.kind !== 'ended') return
    silence.heard(cancelled.aborted ? endMs : longestSilenceMs)
    if (news.kind === 'started') listener.started?.(news.testId)
    else {
      reports.push(news.report)
      listener.ended?.(news.report, news.evidence)
    }
  }
  const stop = () => worker.tell({ kind: 'stop' })
  cancelled.addEventListener('abort', stop, { once: true })
  // What it has begun meanwhile is told of all the same.
  if (cancelled.aborted) stop()
  try {
    await Promise.race([worker.listen(hear), silence.broken])
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
