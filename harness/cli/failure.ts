import { RunwrightError } from '../host/index.ts'

/**
 * Says why the command could not do its job. What the harness throws on purpose is told by its message, which says
 * what to do; anything else is a defect, or a refusal of the system, and keeps its stack.
 */
export function reportFailure(error: unknown, output: { write(text: string): unknown }): void {
  output.write(`runwright: ${describeFailure(error)}\n`)
}

/** The exit code of a command that could not do its job: 2, but for `spec`, which stands in for that of runc. */
export function failureExitCode(args: readonly string[]): number {
  return args[0] === 'spec' ? 1 : 2
}

function describeFailure(error: unknown): string {
  if (error instanceof RunwrightError) return error.message
  if (!(error instanceof Error)) return String(error)
  return isSystemError(error) ? error.message : (error.stack ?? error.message)
}

/** ENOENT, EACCES and the like: the message names call and path, the stack would add only our own lines. */
function isSystemError(error: Error): boolean {
  return 'errno' in error && 'syscall' in error
}
