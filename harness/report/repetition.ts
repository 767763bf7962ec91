import { shellQuote } from '../runtime/index.ts'
import type { ReportedCommand, TestReport } from '../suite/index.ts'
import type { Results } from './results.ts'

/** The command line that runs a test again: in such a machine as it ran in, or on the host, with its bundles kept. */
export function againCommand(
  { id, module, runtime }: Pick<TestReport, 'id' | 'module' | 'runtime'>,
  results: Pick<Results, 'runtimes' | 'host'>,
): string {
  const suites = module === undefined ? [] : ['--suites', module]
  const { given } = results.runtimes.find(({ name }) => name === runtime) ?? {}
  const test = ['runwright', 'run', id, ...suites, '--runtime', given?.runtime ?? runtime]
  return shellQuote([...test, ...(machineOptions(runtime, results) ?? ['--keep'])])
}

/** The words that ask for the machine that a runtime's tests ran in; undefined where they ran on the host. */
export function machineOptions(
  runtime: string,
  { runtimes, host: whole }: Pick<Results, 'runtimes' | 'host'>,
): readonly string[] | undefined {
  const { host = whole, given } = runtimes.find(({ name }) => name === runtime) ?? {}
  if (host.machine === undefined) return undefined
  return host.machineOptions ?? ['--vm', ...(given === undefined ? [] : ['--kernel', given.kernel])]
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
