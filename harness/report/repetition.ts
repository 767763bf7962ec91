import { shellQuote } from '../runtime/index.ts'
import type { ReportedCommand, TestReport } from '../suite/index.ts'

/** The command line that runs a test again and keeps its bundles. */
export function againCommand({ id, module, runtime }: Pick<TestReport, 'id' | 'module' | 'runtime'>): string {
  const suites = module === undefined ? [] : ['--suites', module]
  return shellQuote(['runwright', 'run', id, ...suites, '--runtime', runtime, '--keep'])
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
