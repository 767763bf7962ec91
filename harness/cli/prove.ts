import { resolve } from 'node:path'
import type { Command } from 'commander'
import { faults } from '../../faults/index.ts'
import { type Fault, selectFaults } from '../fault/index.ts'
import { paintFor, widthOf } from '../report/index.ts'
import { describeFaults } from './describe-faults.ts'
import { interruptions } from './interruptions.ts'
import { parseCount, parsePositive } from './numbers.ts'
import { requirePrivilege, requireTasks } from './privilege.ts'

interface ProveOptions {
  readonly runtime: string
  readonly output: string
  readonly jobs: number
  readonly commandTimeout: number
  readonly all: boolean
  readonly sample: boolean
  readonly list: boolean
  readonly json: boolean
  readonly matrix?: string
}

/** Adds `runwright prove` to the command line. */
export function addProveCommand(program: Command): void {
  program
    .command('prove')
    .description('break a runtime on purpose, one fault at a time, and see whether the tests notice')
    .argument(
      '[names...]',
      'faults and areas to try, also if they were before; every other fault without any',
    )
    .option('--runtime <name or path>', 'the runtime that is broken: a profile or a program', 'runc')
    .option('--output <directory>', 'where proof.json is, which a later call goes on with', 'output/proof')
    .option('--jobs <n>', 'tests under way at once', parseCount, 4)
    .option('--command-timeout <seconds>', 'how long one command of a runtime may take', parsePositive, 15)
    .option('--all', 'run every test on every fault, not only those that have to notice it', false)
    .option('--sample', 'try one fault of each area, but none that breaks everything', false)
    .option('--matrix <file>', 'write which suites notice which faults, as Markdown')
    .option('--list', 'list the faults and try none', false)
    .option('--json', 'print proof.json instead of text', false)
    .addHelpText(
      'after',
      '\nExits with 1 when a fault survived: a test is missing, or one that is there cannot fail.',
    )
    .action(async (names: readonly string[], options: ProveOptions) => {
      process.exitCode = await perform(names, options)
    })
}

async function perform(names: readonly string[], options: ProveOptions): Promise<number> {
  const selected = selectFaults(faults, names)
  const chosen = options.sample ? firstOfEachArea(selected) : selected
  const paint = paintFor(process.stdout, process.env)
  if (options.list) {
    process.stdout.write(`${describeFaults(chosen, paint, widthOf(process.stdout))}\n`)
    return 0
  }
  await requirePrivilege('root')
  requireTasks(options.jobs)
  const performProof = await loadProver()
  using interrupted = interruptions(process.stderr)
  return await performProof(
    {
      faults: chosen,
      again: names.length > 0,
      runtime: options.runtime,
      output: resolve(options.output),
      jobs: options.jobs,
      commandTimeoutMs: options.commandTimeout * 1000,
      everyTest: options.all,
      form: options.json ? 'json' : 'text',
      ...(options.matrix === undefined ? {} : { matrix: resolve(options.matrix) }),
    },
    { output: process.stdout, progress: process.stderr, paint, cancelled: interrupted.signal },
  )
}

/** Loaded last: whoever may not prove here need not wait for it. */
async function loadProver() {
  return (await import('./perform-proof.ts')).performProof
}

function firstOfEachArea(among: readonly Fault[]): readonly Fault[] {
  const particular = among.filter(({ violates }) => violates !== 'everything')
  return particular.filter(
    ({ area }, position) => particular.findIndex((fault) => fault.area === area) === position,
  )
}
