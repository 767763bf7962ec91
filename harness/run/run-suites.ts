import { atThisPace } from '../host/index.ts'
import type { TestReport } from '../suite/index.ts'
import { Breakdown, RunnerBrokenError } from './breakdown.ts'
import { ReportCollector, type RunListener } from './collect-reports.ts'
import type { RunPlan } from './plan.ts'
import { RunnerSilentError, Silence } from './silence.ts'
import { openTestRunner, suitesEntry } from './test-runner.ts'

/** How long a worker may take from its start to its first test, in milliseconds. It took 0.6 s on an idle machine. */
const startMs = atThisPace(60_000)
/** How long a worker that was told to stop may take from one test's end to the next, in milliseconds. */
const endMs = atThisPace(60_000)

/** What became of a run. */
export interface RunEnd {
  readonly reports: readonly TestReport[]
  /** What went wrong outside any test. */
  readonly errors: readonly string[]
}

/**
 * Runs the tests of a plan in a vitest worker of their own.
 *
 * @param plan what to run, on what
 * @param listener hears of every test as it starts and ends
 * @param cancelled once it fires no further test begins, and those under way are cut short
 * @throws RunnerSilentError, RunnerBrokenError when no test had ended by then; later they are among the errors
 */
export async function runSuites(
  plan: RunPlan,
  listener: RunListener,
  cancelled: AbortSignal,
): Promise<RunEnd> {
  const breakdown = new Breakdown()
  const silence = new Silence(startMs)
  const heard = () => silence.heard(cancelled.aborted ? endMs : plan.longestSilenceMs)
  const collector = new ReportCollector({
    started: (testId) => {
      heard()
      listener.started?.(testId)
    },
    ended: (report, evidence) => {
      heard()
      listener.ended?.(report, evidence)
    },
  })
  try {
    await Promise.race([runAll(plan, collector, cancelled), silence.broken, breakdown.happened])
  } catch (error) {
    const isRunners = error instanceof RunnerSilentError || error instanceof RunnerBrokenError
    if (!isRunners || collector.reports.length === 0) throw error
    collector.errors.push(error.message)
  } finally {
    silence.end()
    breakdown.end()
  }
  return { reports: collector.reports, errors: collector.errors }
}

async function runAll(plan: RunPlan, collector: ReportCollector, cancelled: AbortSignal): Promise<void> {
  const place = {
    directory: plan.temporaryDirectory,
    hasOwnModules: plan.suites.some(({ module }) => module !== undefined),
  }
  const vitest = await openTestRunner(place, {
    include: [suitesEntry()],
    // The default list excludes node_modules, which is where an installed Runwright lies.
    exclude: [],
    // One worker does everything: tests wait for runtimes, not for this process, so it keeps all jobs busy.
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    isolate: false,
    maxConcurrency: plan.jobs,
    sequence: { concurrent: true },
    reporters: [collector],
    env: { RUNWRIGHT_SESSION: plan.session },
    provide: { runwrightPlan: plan },
    passWithNoTests: true,
  })
  const cancel = () => void vitest.cancelCurrentRun('keyboard-input')
  cancelled.addEventListener('abort', cancel, { once: true })
  try {
    if (!cancelled.aborted) await vitest.start()
  } finally {
    cancelled.removeEventListener('abort', cancel)
    await vitest.close()
  }
}
