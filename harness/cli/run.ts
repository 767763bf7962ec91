import { release } from 'node:os'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { RunwrightError } from '../host/index.ts'
import {
  durationsOf,
  isReportFormat,
  paintFor,
  type ReportFormatName,
  readResults,
  reportFormatNames,
} from '../report/index.ts'
import type { Shard } from '../suite/index.ts'
import { interruptions } from './interruptions.ts'
import { addSuitesOption } from './named-suites.ts'
import { parseCount, parsePositive } from './numbers.ts'
import { requirePrivilege, requireTasks } from './privilege.ts'
import { runInGuest } from './run-in-guest.ts'
import { requestOnKernel, runOnKernels } from './run-on-kernels.ts'
import type { RunRequest, RunTerminal } from './run-request.ts'
import { addVmOptions, namesSeveralKernels, type VmOptions, wantsMachine } from './vm-options.ts'

interface RunOptions extends VmOptions {
  readonly suites?: readonly string[]
  readonly runtime: readonly string[]
  readonly output: string
  readonly shard?: Shard
  readonly durations?: string
  readonly jobs: number
  readonly keep: boolean
  readonly commandTimeout?: number
  readonly deviations?: string
  readonly updateDeviations?: string
  readonly json: boolean
  readonly verbose: boolean
  readonly reports: readonly ReportFormatName[]
}

/** Durations were named where there is nothing to balance. */
export class ShardOptionError extends RunwrightError {
  override readonly code = 'SHARD_OPTION'
}

/** Adds `runwright run` to the command line. */
export function addRunCommand(program: Command): void {
  const command = addSuitesOption(program.command('run'))
    .description('run the suites against a runtime and report what it gets wrong')
    .argument('[names...]', 'suites and test ids to run; everything, or all of --suites, without any')
    .option(
      '--runtime <name or path>',
      'a profile (runc, crun, runsc, youki) or a program; may be repeated',
      collect,
      [],
    )
    .option('--output <directory>', 'where results.json goes', 'output')
    .option('--shard <i/n>', 'run the i-th of n parts of the tests', parseShard)
    .option('--durations <results>', 'an earlier run, so that shards take about the same time')
    .option('--jobs <n>', 'tests under way at once', parseCount, 4)
    .option('--command-timeout <seconds>', 'how long one command of the runtime may take (30)', parsePositive)
    .option('--keep', 'keep bundles and containers of the run, to look at them', false)
    .option(
      '--deviations <file>',
      'known disagreements of the runtime with the spec, beside the shipped ones',
    )
    .option(
      '--update-deviations <file>',
      'write what failed into such a list, with reasons to fill in, and take out what was fixed',
    )
    .option(
      '--reports <formats>',
      `reports beside results.json, commas between them: ${reportFormatNames.join(', ')}`,
      parseFormats,
      [],
    )
    .option('--json', 'print results.json instead of text', false)
    .option('--verbose', 'also print why tests were skipped and which deviations showed', false)
  addVmOptions(command).action(async (names: readonly string[], options: RunOptions) => {
    process.exitCode = await run(names, options)
  })
}

async function run(names: readonly string[], options: RunOptions): Promise<number> {
  const perform = wantsMachine(options) ? inMachines(options) : await loadRunner(options)
  const request = await requestOf(names, options)
  using interrupted = interruptions(process.stderr)
  return await perform(request, {
    output: process.stdout,
    progress: process.stderr,
    paint: paintFor(process.stdout, process.env),
    isWorkflow: process.env['GITHUB_ACTIONS'] === 'true',
    cancelled: interrupted.signal,
  })
}

type PerformRun = (request: RunRequest, terminal: RunTerminal) => Promise<number>

function inMachines(options: RunOptions): PerformRun {
  const perform = namesSeveralKernels(options) ? runOnKernels : runInGuest
  return async (request, terminal) => await perform(request, options, terminal)
}

/** Loaded last: whoever may not make containers need not wait for it. */
async function loadRunner(options: RunOptions): Promise<PerformRun> {
  await requirePrivilege('containers')
  requireTasks(options.jobs)
  const { performRun } = await import('./perform-run.ts')
  if (!namesSeveralKernels(options)) return performRun
  return async (request, terminal) => await performRun(requestOnKernel(release(), request), terminal)
}

async function requestOf(names: readonly string[], options: RunOptions): Promise<RunRequest> {
  const { commandTimeout, deviations, updateDeviations } = options
  const shard = await balanced(options)
  return {
    names,
    suites: options.suites ?? [],
    runtimes: runtimesOf(options),
    output: resolve(options.output),
    jobs: options.jobs,
    keep: options.keep,
    form: options.json ? 'json' : 'text',
    verbose: options.verbose,
    reports: options.reports,
    deviations: deviations === undefined ? [] : [resolve(deviations)],
    ...(shard === undefined ? {} : { shard }),
    ...(commandTimeout === undefined ? {} : { commandTimeoutMs: commandTimeout * 1000 }),
    ...(updateDeviations === undefined ? {} : { updateDeviations: resolve(updateDeviations) }),
  }
}

function runtimesOf({ runtime }: RunOptions): readonly string[] {
  return runtime.length === 0 ? ['runc'] : runtime
}

/** The shard that was asked for, with how long tests took in the run that was named. */
async function balanced({ shard, durations }: RunOptions): Promise<Shard | undefined> {
  if (durations === undefined) return shard
  if (shard === undefined)
    throw new ShardOptionError("'--durations' balances shards: '--shard i/n' is missing")
  return { ...shard, durations: durationsOf(await readResults(resolve(durations))) }
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

function parseFormats(value: string): readonly ReportFormatName[] {
  const words = value.split(',').map((word) => word.trim())
  const formats = words.filter(isReportFormat)
  if (formats.length === words.length) return formats
  throw new InvalidArgumentError(`names of reports are wanted: ${reportFormatNames.join(', ')}`)
}

function parseShard(value: string): Shard {
  const [, index = 0, total = 0] = (/^(\d+)\/(\d+)$/.exec(value) ?? []).map(Number)
  if (index < 1 || index > total)
    throw new InvalidArgumentError("'i/n' with 1 <= i <= n is wanted, such as 2/4")
  return { index, total }
}
