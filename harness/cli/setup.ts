import type { Command } from 'commander'
import { type Cell, columns, noPaint, type Paint, paintFor, widthOf } from '../report/index.ts'
import { interruptions } from './interruptions.ts'
import { performSetup, type SetupRequest, type SetupStep } from './perform-setup.ts'

interface SetupOptions {
  readonly runtimeVersion?: string
  readonly suite?: string
  readonly unpacked: boolean
  readonly vm: boolean
  readonly kernel: readonly string[]
  readonly json: boolean
}

/** Adds `runwright setup` to the command line. */
export function addSetupCommand(program: Command): void {
  program
    .command('setup')
    .description('get what a run needs and this host lacks: a runtime, a static busybox, GNU tar')
    .argument('[runtimes...]', 'runtimes to get', ['runc'])
    .option('--runtime-version <version>', 'that version, beside the one of the host (apt)')
    .option('--suite <name>', 'from that suite, such as trixie or sid, beside the one of the host (apt)')
    .option('--unpacked', 'unpack packages into a directory of ours instead of installing them (apt)', false)
    .option('--vm', 'also an emulator and a kernel for virtual machines, unpacked (apt)', false)
    .option(
      '--kernel <version>',
      'with --vm: the kernel of that version, such as 6.12; may be repeated',
      (version: string, before: readonly string[]) => [...before, version],
      [],
    )
    .option('--json', 'print what became of each program as JSON', false)
    .addHelpText('after', setupHelp)
    .action(async (runtimes: readonly string[], options: SetupOptions) => {
      process.exitCode = await setup(runtimes, options)
    })
}

const setupHelp = `
Root installs through the package manager of the distribution; anybody else, and everybody with --unpacked,
--suite or --runtime-version, gets packages unpacked and not installed, where that is apt. A program built for a newer libc
than this host's brings its own along. What is there already is left alone.

Examples:
  runwright setup                    what 'runwright run' needs
  runwright setup crun --suite sid   the newest crun, beside the one of the host
`

async function setup(runtimes: readonly string[], options: SetupOptions): Promise<number> {
  using interruption = interruptions(process.stderr)
  const request: SetupRequest = {
    runtimes: [...new Set(runtimes)],
    wish: { suite: options.suite, version: options.runtimeVersion },
    unpacked: options.unpacked,
    machine: options.vm ? { kernels: options.kernel } : undefined,
    signal: interruption.signal,
  }
  const steps = await performSetup(request, (line) => process.stderr.write(`${line}\n`))
  const text = options.json
    ? JSON.stringify(steps, undefined, 2)
    : describeSetup(steps, paintFor(process.stdout, process.env))
  process.stdout.write(`${text}\n`)
  return steps.some(({ status }) => status === 'failed') ? 2 : 0
}

/** What became of each program, a line each, and whether anything changed. */
export function describeSetup(
  steps: readonly SetupStep[],
  paint: Paint = noPaint,
  width = widthOf(process.stdout),
): string {
  const isUnchanged = steps.every(({ status }) => status === 'present')
  const table = columns(
    steps.map((step) => describeStep(step, paint)),
    width,
  )
  return isUnchanged ? `${table}\nEverything is there; nothing was done.` : table
}

const meanings = { present: 'faint', installed: 'pass', downloaded: 'pass', failed: 'fail' } as const

function describeStep(step: SetupStep, paint: Paint): Cell[] {
  const { name, status } = step
  const cells = [{ text: name }, { text: status, paint: (text: string) => paint(meanings[status], text) }]
  if (status === 'failed') return [...cells, { text: '' }, { text: step.problem }]
  const by = 'by' in step ? `, by ${step.by}` : ''
  return [...cells, { text: step.version ?? '' }, { text: `${step.path}${by}` }]
}
