import { shellQuote } from '../runtime/index.ts'
import type { ReportedCommand, TestReport } from '../suite/index.ts'
import type { Results } from './results.ts'

/** The command line that runs a test again: with its bundles kept, where it did not run in one machine of several. */
export function againCommand(
  { id, module, runtime }: Pick<TestReport, 'id' | 'module' | 'runtime'>,
  { runtimes }: Pick<Results, 'runtimes'>,
): string {
  const suites = module === undefined ? [] : ['--suites', module]
  const test = ['runwright', 'run', id, ...suites]
  const { given, host } = runtimes.find(({ name }) => name === runtime) ?? {}
  if (given === undefined) return shellQuote([...test, '--runtime', runtime, '--keep'])
  const cgroups = host === undefined || host.cgroup === 'v2' ? [] : ['--cgroup', host.cgroup]
  return shellQuote([...test, '--runtime', given.runtime, '--vm', '--kernel', given.kernel, ...cgroups])
}

/** The commands of a test as a shell takes them, each with how it ended as a comment. */
export function commandLines({ commands = [] }: Pick<TestReport, 'commands'>): string[] {
  return commands.map((command) => `${shellQuote(command.reproduction)}   # ${howItEnded(command)}`)
}

/** How a command ended, in a few words. */
export function howItEnded({
  exitCode,
  signal,
  timedOut,
}: Pick<ReportedCommand, 'exitCode' | 'signal' | 'timedOut'>): string {
  if (timedOut) return 'did not end in time'
  return signal === undefined ? `exit ${exitCode ?? 'unknown'}` : `ended by ${signal}`
}
