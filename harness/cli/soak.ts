import { type Command, InvalidArgumentError, Option } from 'commander'
import { columns, type Paint, paintFor, widthOf } from '../report/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { type SoakEnd, type SoakProgress, soak } from '../soak/index.ts'
import { interruptions } from './interruptions.ts'
import { parseCount, parsePositive, parseShare } from './numbers.ts'
import { requirePrivilege, requireTasks } from './privilege.ts'

interface SoakCommandOptions {
  readonly runtime: string
  readonly minutes: number
  readonly alive: number
  readonly jobs: number
  readonly killing: number
  readonly seed: number
  readonly json: boolean
}

/** Adds `runwright soak` to the command line. */
export function addSoakCommand(program: Command): void {
  program
    .command('soak')
    .description('create, run, kill and delete containers at random, and look what is left')
    .option('--runtime <name or path>', 'a profile (runc, crun, runsc, youki) or a program', 'runc')
    .option('--minutes <n>', 'how long, fractions allowed', parsePositive, 1)
    .option('--alive <n>', 'containers that may exist at once', parseCount, 50)
    .option('--jobs <n>', 'things that happen at once', parseCount, 8)
    .option('--killing <share>', 'how often the runtime is killed in the middle, 0 to 1', parseShare, 0.05)
    .addOption(
      new Option('--seed <n>', 'repeats the same choices')
        .argParser(parseCount)
        .default(1 + Math.floor(Math.random() * 1e9), 'another one each time'),
    )
    .option('--json', 'print the result as JSON', false)
    .addHelpText(
      'after',
      '\nExits with 1 when something was left behind or a container did otherwise than it should have.',
    )
    .action(async (options: SoakCommandOptions) => {
      process.exitCode = await perform(options)
    })
}

async function perform({ runtime: name, minutes, json, ...options }: SoakCommandOptions): Promise<number> {
  if (options.alive < options.jobs)
    throw new InvalidArgumentError(
      `--alive ${options.alive} leaves nothing to do for some of --jobs ${options.jobs}`,
    )
  await requirePrivilege('root')
  requireTasks(options.alive)
  const runtime = await resolveRuntime(name)
  using interrupted = interruptions(process.stderr)
  const tell = progressOn(process.stderr, minutes)
  const end = await soak({
    ...options,
    runtime,
    durationMs: minutes * 60_000,
    stopped: interrupted.signal,
    progress: tell,
  })
  const paint = paintFor(process.stdout, process.env)
  const text = json
    ? JSON.stringify({ runtime: name, seed: options.seed, ...end }, undefined, 2)
    : describeSoak(end, { runtime: name, seed: options.seed }, paint, widthOf(process.stdout))
  process.stdout.write(`${text}\n`)
  return isClean(end) ? 0 : 1
}

function isClean({ leaks, surprises }: SoakEnd): boolean {
  return leaks.length === 0 && surprises.length === 0
}

/** On a terminal a line that changes; elsewhere a line every ten seconds. */
function progressOn(stream: NodeJS.WriteStream, minutes: number): (progress: SoakProgress) => void {
  const quietMs = stream.isTTY ? 0 : 10_000
  let toldMs = -quietMs
  return ({ elapsedMs, alive, done, surprises }) => {
    if (elapsedMs - toldMs < quietMs) return
    toldMs = elapsedMs
    const line = `${clock(elapsedMs)} of ${clock(minutes * 60_000)}  ${alive} alive, ${done} done, ${surprises} surprising`
    stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
  }
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** The table of what was done, then whatever went wrong. */
export function describeSoak(
  end: SoakEnd,
  { runtime, seed }: { readonly runtime: string; readonly seed: number },
  paint: Paint,
  width: number,
): string {
  const { counts, containers, peak, durationMs, cleaned } = end
  const heading = ['', 'done', 'runtime killed', 'surprising', 'median ms', 'longest ms']
  const rows = counts.map(({ name, done, killed, surprising, medianMs, longestMs }) => [
    name,
    ...[done, killed, surprising].map(String),
    ...[medianMs, longestMs].map((milliseconds) => milliseconds?.toFixed(0) ?? '-'),
  ])
  const table = columns(
    [heading, ...rows].map((row) => row.map((text) => ({ text }))),
    width,
  )
  const summary =
    `${runtime}: ${containers} containers in ${clock(durationMs)}, up to ${peak} at once; seed ${seed}\n` +
    `${cleaned.length} things were left by killed runtimes and removed`
  return [table, '', summary, ...problems(end, paint)].join('\n')
}

function problems(end: SoakEnd, paint: Paint): string[] {
  if (isClean(end)) return [paint('pass', 'nothing was left behind, nothing was surprising')]
  return [
    ...end.leaks.map(({ kind, what, test }) =>
      paint('fail', `left behind: ${kind} ${what}${test === undefined ? '' : ` (by ${test})`}`),
    ),
    ...end.surprises.map((surprise) => paint('fail', `surprising: ${surprise}`)),
  ]
}
