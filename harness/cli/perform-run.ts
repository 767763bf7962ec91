import { setTimeout as delay } from 'node:timers/promises'
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
import { followRun, longestSilenceMs, SuitesWorker } from '../run/index.ts'
import { type ResolvedRuntime, resolveRuntime } from '../runtime/index.ts'
import { describeRuntime, type Evidence, type TestReport } from '../suite/index.ts'
import { readDeviations, readDeviationsIfAny } from './deviation-lists.ts'
import { sourcesOf } from './named-suites.ts'
import { packageVersion } from './package-version.ts'
import { planRun } from './plan-run.ts'
import { requireTasks } from './privilege.ts'
import { publishRun } from './publish-run.ts'
import type { RunRequest, RunTerminal } from './run-request.ts'
import { takeWorkerAhead } from './worker-ahead.ts'

/**
 * Runs the suites, writes results.json and prints what a person needs to know.
 *
 * @returns the exit code: 0 green, 1 red
 * @throws RunwrightError when the run could not be done at all
 */
export async function performRun(request: RunRequest, terminal: RunTerminal): Promise<number> {
  // It loads what it needs while this process finds out what it is to do.
  await using worker = SuitesWorker.start(takeWorkerAhead())
  const suites = sourcesOf(request.suites)
  const updated = await readDeviationsIfAny(request.updateDeviations)
  const deviations = [...updated, ...(await readDeviations(request.deviations))]
  const resolved = await Promise.all(request.runtimes.map(resolveRuntime))
  const startedAt = new Date()
  const session = await Session.open()
  const { evidence, ...facts } = await inSession(session, request, async () => {
    await using _prepared = preparing(session, resolved)
    const runtimes = await describedIn(session, resolved)
    // Asked for once more: vite's native code ends the worker where it may start no thread, and tests want programs.
    requireTasks(request.jobs)
    worker.begin({
      session: session.directory,
      temporaryDirectory: await session.temporaryDirectory('runner'),
      runtimes: runtimes.map((runtime) => ({ ...runtime, selection: request.names })),
      ...{ suites, deviations, removesBundles: false },
      ...{ jobs: request.jobs, shard: request.shard, commandTimeoutMs: request.commandTimeoutMs },
    })
    const found = await followed(worker, request, terminal)
    return { ...found, runtimes: runtimes.map(({ runtime }) => runtime) }
  })
  const { shard } = request
  const built = buildResults({
    runwright: packageVersion(),
    startedAt: startedAt.toISOString(),
    wallMs: Date.now() - startedAt.getTime(),
    host: hostFacts(),
    ...facts,
    ...(shard === undefined ? {} : { shard: { index: shard.index, total: shard.total } }),
  })
  const { catalogue } = facts
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

/** Begins what the first test of the worker would wait for. What cannot be done now is told when a test asks for it. */
function preparing(session: Session, runtimes: readonly ResolvedRuntime[]): AsyncDisposable {
  const prepared = Promise.allSettled(
    runtimes.map(async (resolved) => await (await session.bundles(resolved)).prepare('busybox')),
  )
  return { [Symbol.asyncDispose]: async () => void (await prepared) }
}

async function describedIn(session: Session, runtimes: readonly ResolvedRuntime[]) {
  return await Promise.all(
    runtimes.map(async (resolved) => ({ resolved, runtime: await describeRuntime(session, resolved) })),
  )
}

/** Tells of the run that a worker has begun until its tests have ended, and gives what came of it. */
async function followed(worker: SuitesWorker, request: RunRequest, terminal: RunTerminal) {
  // The worker comes to the same tests. Here they are only counted, which waits until it has got to the end of one: where
  // processors are few, it would be kept from it.
  const patience = delay(patienceMs, undefined, { ref: false, signal: terminal.cancelled })
  await Promise.race([worker.underWay, patience.catch(() => undefined)])
  const { named, tests } = await planRun(request)
  const planned = tests.length * request.runtimes.length
  const progress = progressFor(terminal, planned)
  const evidence = new Map<string, Evidence>()
  const listener = {
    started: progress.started,
    ended: (report: TestReport, found?: Evidence) => {
      progress.ended(report)
      if (found !== undefined) evidence.set(evidenceKey(report), found)
    },
  }
  const { reports, errors } = await followRun(worker, listener, {
    cancelled: terminal.cancelled,
    longestSilenceMs: longestSilenceMs(tests),
  }).finally(() => progress.finish())
  return { tests: reports, errors, evidence, planned, catalogue: named.catalogue }
}

/** How long the worker may take for its first test until the tests are counted all the same, in milliseconds. */
const patienceMs = atThisPace(5_000)

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
