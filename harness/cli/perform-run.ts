import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { loadCatalogue } from '../archive/index.ts'
import { type AttributedLeak, type Leak, Session } from '../guard/index.ts'
import { atThisPace, homeDirectories, hostFacts } from '../host/index.ts'
import {
  annotations,
  buildResults,
  type DiagnosticOptions,
  describeRun,
  deviationsText,
  evidenceKey,
  isGreen,
  liveProgress,
  type Paint,
  type Progress,
  plainProgress,
  type ReportFormatName,
  type Results,
  recordFailures,
  toldFrom,
  widthOf,
  withoutWorkflowCommands,
  writeArtifacts,
  writeReports,
  writeResults,
  writeWhole,
} from '../report/index.ts'
import { longestSilenceMs, plannedSuites, runSuites, SuitesWorker } from '../run/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import {
  type Deviation,
  describeRuntime,
  type Evidence,
  parseDeviations,
  type Requirement,
  type Shard,
  type TestReport,
} from '../suite/index.ts'
import { namedSuites, selectionOf, sourcesOf } from './named-suites.ts'
import { packageVersion } from './package-version.ts'
import { requireTasks } from './privilege.ts'

/** What a run was asked for. */
export interface RunRequest extends DiagnosticOptions {
  /** Suites and test ids. */
  readonly names: readonly string[]
  /** Modules of suites beside the shipped ones; what is run is theirs, unless names say otherwise. */
  readonly suites: readonly string[]
  readonly runtimes: readonly string[]
  /** Absolute path of the directory that results.json goes to. */
  readonly output: string
  readonly jobs: number
  readonly keep: boolean
  readonly form: 'text' | 'json'
  /** Reports that go beside results.json. */
  readonly reports: readonly ReportFormatName[]
  readonly shard?: Shard
  /** How long one command of a runtime may take, in milliseconds. */
  readonly commandTimeoutMs?: number
  /** Absolute path of a list of deviations beside the shipped ones. */
  readonly deviations?: string
  /** Absolute path of the list of deviations that is to fit what this run finds; read, too, where it is there. */
  readonly updateDeviations?: string
}

/** Where a run prints, and what can stop it. */
export interface RunTerminal {
  readonly output: NodeJS.WriteStream
  readonly progress: NodeJS.WriteStream
  readonly paint: Paint
  /** Whether a GitHub workflow reads what is printed. */
  readonly isWorkflow: boolean
  readonly cancelled: AbortSignal
}

/**
 * Runs the suites, writes results.json and prints what a person needs to know.
 *
 * @returns the exit code: 0 green, 1 red
 * @throws RunwrightError when the run could not be done at all
 */
export async function performRun(request: RunRequest, terminal: RunTerminal): Promise<number> {
  // It loads what it needs while this process finds out what it is to do.
  await using worker = SuitesWorker.start(sourcesOf(request.suites))
  const named = await namedSuites(request.suites)
  const { catalogue } = named
  const { jobs, shard, commandTimeoutMs } = request
  const selection = selectionOf(request.names, named)
  const tests = plannedSuites(named.suites, { selection, shard }).flatMap((suite) => suite.tests)
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
    // Asked for once more, as the test runner's native code ends this process where it may start no thread.
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
  const written = [
    await writeResults(request.output, results),
    ...(await writeReports(request.output, request.reports, results, catalogue)),
  ]
  terminal.output.write(`${textOf(results, catalogue, request, terminal)}\n`)
  if (request.form === 'text') terminal.output.write(`results: ${written.join(', ')}\n`)
  if (request.updateDeviations !== undefined) {
    const list = recordFailures(results, updated)
    await writeWhole(request.updateDeviations, deviationsText(list))
    terminal.progress.write(
      `deviations: ${list.length} in ${request.updateDeviations}; fill in the reasons\n`,
    )
  }
  if (request.keep)
    terminal.progress.write(`kept: ${session.directory}; 'runwright clean --kept' removes it\n`)
  return isGreen(results) ? 0 : 1
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

function textOf(
  results: Results,
  catalogue: ReadonlyMap<string, Requirement>,
  { form, verbose, output: directory }: RunRequest,
  { paint, output, isWorkflow }: RunTerminal,
): string {
  if (form === 'json') return JSON.stringify(results)
  const told = toldFrom(relative('.', directory), results)
  const text = describeRun(told, catalogue, { paint, width: widthOf(output), verbose })
  if (!isWorkflow) return text
  return [withoutWorkflowCommands(text, randomUUID()), annotations(results, catalogue)].join('\n')
}

async function readDeviations(path: string | undefined): Promise<readonly Deviation[]> {
  if (path === undefined) return []
  return parseDeviations(await readFile(path, 'utf8'), path)
}

async function readDeviationsIfAny(path: string | undefined): Promise<readonly Deviation[]> {
  return path === undefined || !existsSync(path) ? [] : await readDeviations(path)
}

function progressFor({ progress, paint }: RunTerminal, planned: number): Progress {
  return progress.isTTY ? liveProgress(progress, planned, paint) : plainProgress(progress, planned, paint)
}
