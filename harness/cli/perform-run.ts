import { loadCatalogue } from '../archive/index.ts'
import { type AttributedLeak, type Leak, Session } from '../guard/index.ts'
import { atThisPace, homeDirectories, hostFacts } from '../host/index.ts'
import {
  buildResults,
  evidenceKey,
  liveProgress,
  type Progress,
  plainProgress,
  type Results,
  writeArtifacts,
} from '../report/index.ts'
import { longestSilenceMs, runSuites, SuitesWorker } from '../run/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { describeRuntime, type Evidence, type TestReport } from '../suite/index.ts'
import { readDeviations, readDeviationsIfAny } from './deviation-lists.ts'
import { sourcesOf } from './named-suites.ts'
import { packageVersion } from './package-version.ts'
import { planRun } from './plan-run.ts'
import { requireTasks } from './privilege.ts'
import { publishRun } from './publish-run.ts'
import type { RunRequest, RunTerminal } from './run-request.ts'

/**
 * Runs the suites, writes results.json and prints what a person needs to know.
 *
 * @returns the exit code: 0 green, 1 red
 * @throws RunwrightError when the run could not be done at all
 */
export async function performRun(request: RunRequest, terminal: RunTerminal): Promise<number> {
  // It loads what it needs while this process finds out what it is to do.
  await using worker = SuitesWorker.start(sourcesOf(request.suites))
  const { named, selection, tests } = await planRun(request)
  const { catalogue } = named
  const { jobs, shard, commandTimeoutMs } = request
  const planned = tests.length
  const resolved = await Promise.all(request.runtimes.map(resolveRuntime))
  const updated = await readDeviationsIfAny(request.updateDeviations)
  const known = [...updated, ...(await readDeviations(request.deviations)), ...named.deviations]
  const startedAt = new Date()
  const evidence = new Map<string, Evidence>()
  const session = await Session.open()
  const facts = await inSession(session, request, async () => {
    const described = await Promise.all(
      resolved.map(async (program) => ({
        resolved: program,
        runtime: await describeRuntime(session, program),
      })),
    )
    const runtimes = described.map(({ runtime }) => runtime)
    const plan = {
      session: session.directory,
      temporaryDirectory: await session.temporaryDirectory('runner'),
      runtimes: described.map((runtime) => ({ ...runtime, selection })),
      suites: named.sources,
      jobs,
      shard,
      commandTimeoutMs,
      longestSilenceMs: longestSilenceMs(tests),
      deviations: known,
      removesBundles: false,
    }
    const progress = progressFor(terminal, planned * runtimes.length)
    const listener = {
      started: progress.started,
      ended: (report: TestReport, found?: Evidence) => {
        progress.ended(report)
        if (found !== undefined) evidence.set(evidenceKey(report), found)
      },
    }
    // Asked for once more: vite's native code ends the worker where it may start no thread, and tests want programs.
    requireTasks(jobs)
    const end = await runSuites(plan, listener, terminal.cancelled, worker).finally(() => progress.finish())
    return { runtimes, tests: end.reports, errors: end.errors, planned: planned * runtimes.length }
  })
  const built = buildResults({
    runwright: packageVersion(),
    startedAt: startedAt.toISOString(),
    wallMs: Date.now() - startedAt.getTime(),
    host: hostFacts(),
    catalogue,
    ...facts,
    ...(request.shard === undefined
      ? {}
      : { shard: { index: request.shard.index, total: request.shard.total } }),
  })
  const archives = await loadCatalogue({ directory: homeDirectories().archives })
  const results = await writeArtifacts(request.output, {
    results: built,
    catalogue,
    evidence,
    archiveNamed: async (name) => await archives.resolve(name),
  }).catch((error: Error) =>
    withError(built, `the files of red tests could not be written: ${error.message}`),
  )
  const exitCode = await publishRun(results, { request, terminal, catalogue, known: updated })
  if (request.keep)
    terminal.progress.write(`kept: ${session.directory}; 'runwright clean --kept' removes it\n`)
  return exitCode
}

/** A thousand bundles take half a minute to remove on a busy machine. */
const closeMs = atThisPace(120_000)

/** Does what a session is for, and closes it whatever happens, unless it is to be kept. */
async function inSession<Facts>(
  session: Session,
  { keep }: RunRequest,
  body: () => Promise<Facts>,
): Promise<Facts & { readonly leaks: readonly AttributedLeak[] }> {
  try {
    const facts = await body()
    const known = session.recordedLeaks()
    return {
      ...facts,
      leaks: keep
        ? known
        : [...known, ...unknown(await session.close({ members: 'end', deadlineMs: closeMs }), known)],
    }
  } finally {
    await (keep ? session.keep() : session.close({ members: 'end', deadlineMs: closeMs }))
  }
}

/** What is left of a run and was not put down to a test before. */
function unknown(leaks: readonly Leak[], known: readonly Leak[]): readonly Leak[] {
  const told = new Set(known.map(({ kind, what }) => `${kind} ${what}`))
  return leaks.filter(({ kind, what }) => !told.has(`${kind} ${what}`))
}

/** The results count more than what goes with them. */
function withError(results: Results, error: string): Results {
  return { ...results, errors: [...results.errors, error] }
}

function progressFor({ progress, paint }: RunTerminal, planned: number): Progress {
  return progress.isTTY ? liveProgress(progress, planned, paint) : plainProgress(progress, planned, paint)
}
