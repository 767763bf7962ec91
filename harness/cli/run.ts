import { dirname, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { RunwrightError } from '../host/index.ts'
import { VirtualMachineDiedError } from '../machine/index.ts'
import {
  durationsOf,
  isReportFormat,
  paintFor,
  type ReportFormatName,
  readResults,
  reportFormatNames,
} from '../report/index.ts'
import type { Shard } from '../suite/index.ts'
import { reportBrokenMachine } from './broken-machine.ts'
import { interruptions } from './interruptions.ts'
import { addSuitesOption } from './named-suites.ts'
import { parseCount, parsePositive } from './numbers.ts'
import type { RunRequest } from './perform-run.ts'
import { requirePrivilege, requireTasks } from './privilege.ts'
import { addVmOptions, runInVm, type VmOptions, wantsMachine } from './run-in-vm.ts'
import { requireTestRunner } from './test-runner.ts'

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
    process.exitCode = wantsMachine(options) ? await runInGuest(names, options) : await run(names, options)
  })
}

async function run(names: readonly string[], options: RunOptions): Promise<number> {
  await requirePrivilege('containers')
  requireTasks(options.jobs)
  const performRun = await loadRunner()
  const shard = await balanced(options)
  const request: RunRequest = {
    names,
    suites: options.suites ?? [],
    runtimes: runtimesOf(options),
    output: resolve(options.output),
    jobs: options.jobs,
    keep: options.keep,
    form: options.json ? 'json' : 'text',
    verbose: options.verbose,
    reports: options.reports,
    ...(shard === undefined ? {} : { shard }),
    ...(options.commandTimeout === undefined ? {} : { commandTimeoutMs: options.commandTimeout * 1000 }),
    ...(options.deviations === undefined ? {} : { deviations: resolve(options.deviations) }),
    ...(options.updateDeviations === undefined
      ? {}
      : { updateDeviations: resolve(options.updateDeviations) }),
  }
  using interrupted = interruptions(process.stderr)
  return await performRun(request, {
    output: process.stdout,
    progress: process.stderr,
    paint: paintFor(process.stdout, process.env),
    isWorkflow: process.env['GITHUB_ACTIONS'] === 'true',
    cancelled: interrupted.signal,
  })
}

async function runInGuest(names: readonly string[], options: RunOptions): Promise<number> {
  const { output, updateDeviations } = options
  const written = [output, ...(updateDeviations === undefined ? [] : [dirname(updateDeviations)])]
  const startedAt = new Date()
  using interrupted = interruptions(process.stderr)
  try {
    return await runInVm(
      options,
      written.map((path) => resolve(path)),
      interrupted.signal,
    )
  } catch (error) {
    if (!(error instanceof VirtualMachineDiedError)) throw error
    const lost = { names, output: resolve(output), shard: options.shard, startedAt }
    return await reportBrokenMachine(error, {
      ...lost,
      suites: options.suites ?? [],
      runtimes: runtimesOf(options),
    })
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

/** Loaded last: it loads the test runner, whose native code hangs where it may not start its threads. */
async function loadRunner() {
  requireTestRunner()
  return (await import('./perform-run.ts')).performRun
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
