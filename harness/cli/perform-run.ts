import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { Session } from '../guard/index.ts'
import { hostFacts, probeNeed, programPath, RunwrightError } from '../host/index.ts'
import {
  buildResults,
  type DiagnosticOptions,
  describeRun,
  isGreen,
  liveProgress,
  type Paint,
  type Progress,
  plainProgress,
  writeResults,
} from '../report/index.ts'
import { loadSuites, plannedSuites, type RunPlan, runSuites } from '../run/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { type Deviation, describeRuntime, parseDeviations, type Shard } from '../suite/index.ts'
import { packageVersion } from './package-version.ts'

/** What a run was asked for. */
export interface RunRequest extends DiagnosticOptions {
  readonly selection: readonly string[]
  readonly runtimes: readonly string[]
  /** Absolute path of the directory that results.json goes to. */
  readonly output: string
  readonly jobs: number
  readonly keep: boolean
  readonly form: 'text' | 'json'
  readonly shard?: Shard
  /** Absolute path of a list of deviations beside the shipped ones. */
  readonly deviations?: string
}

/** Where a run prints, and what can stop it. */
export interface RunTerminal {
  readonly output: NodeJS.WriteStream
  readonly progress: NodeJS.WriteStream
  readonly paint: Paint
  readonly cancelled: AbortSignal
}

/** The run needs a privilege that this process does not have. */
export class NoPrivilegeError extends RunwrightError {
  override readonly code = 'NO_PRIVILEGE'
}

/**
 * Runs the suites, writes results.json and prints what a person needs to know.
 *
 * @returns the exit code: 0 green, 1 red
 * @throws RunwrightError when the run could not be done at all
 */
export async function performRun(request: RunRequest, terminal: RunTerminal): Promise<number> {
  await requirePrivilege()
  const suitesModule = pathToFileURL(programPath('suites/index.js')).href
  const { suites, catalogue, deviations } = await loadSuites(suitesModule)
  const planned = plannedSuites(suites, request).flatMap(({ tests }) => tests)
  const resolved = await Promise.all(request.runtimes.map(resolveRuntime))
  const startedAt = new Date()
  const session = await Session.open()
  const runtimes = await Promise.all(resolved.map((runtime) => describeRuntime(session, runtime)))
  const plan: RunPlan = {
    session: session.directory,
    runtimes,
    suitesModule,
    selection: request.selection,
    jobs: request.jobs,
    deviations: [...(await readDeviations(request.deviations)), ...deviations],
    ...(request.shard === undefined ? {} : { shard: request.shard }),
  }
  const plannedCount = planned.length * runtimes.length
  const progress = progressFor(terminal, plannedCount)
  const end = await runSuites(plan, progress, terminal.cancelled).finally(() => progress.finish())
  const leaks = request.keep ? [] : await session.close()
  const results = buildResults({
    runwright: packageVersion(),
    startedAt: startedAt.toISOString(),
    wallMs: Date.now() - startedAt.getTime(),
    host: hostFacts(),
    runtimes,
    catalogue,
    tests: end.reports,
    leaks,
    errors: end.errors,
    planned: plannedCount,
  })
  const path = await writeResults(request.output, results)
  const text = request.form === 'json' ? JSON.stringify(results) : describeRun(results, catalogue, terminal.paint, request)
  terminal.output.write(`${text}\n`)
  if (request.form === 'text') terminal.output.write(`results: ${path}\n`)
  if (request.keep) terminal.progress.write(`kept: ${session.directory}; 'runwright clean' removes it\n`)
  return isGreen(results) ? 0 : 1
}

async function requirePrivilege(): Promise<void> {
  const root = await probeNeed('root')
  if (root.met) return
  throw new NoPrivilegeError(
    `running containers takes root: ${root.reason}; ${root.remedy}\n` +
      "'runwright doctor' shows what this host lacks, 'runwright list' what would run",
  )
}

async function readDeviations(path: string | undefined): Promise<readonly Deviation[]> {
  if (path === undefined) return []
  return parseDeviations(JSON.parse(await readFile(path, 'utf8')), path)
}

function progressFor({ progress, paint }: RunTerminal, planned: number): Progress {
  return progress.isTTY ? liveProgress(progress, planned, paint) : plainProgress(progress, planned, paint)
}
