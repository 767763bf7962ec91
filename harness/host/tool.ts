import { RunwrightError } from './errors.ts'

/** A program of the host that the harness relies on could not be started or did not do its job. */
export class ToolError extends RunwrightError {
  override readonly code = 'TOOL_FAILED'
  readonly commandLine: string
  readonly exitCode: number | undefined
  readonly stderr: string

  constructor(
    message: string,
    facts: { readonly commandLine: string; readonly exitCode: number | undefined; readonly stderr: string },
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.commandLine = facts.commandLine
    this.exitCode = facts.exitCode
    this.stderr = facts.stderr
  }
}

/** How a tool is run. */
export interface ToolOptions {
  readonly workingDirectory?: string
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; ten minutes unless told, for a package manager on a slow line. */
  readonly timeoutMs?: number
}

const defaultTimeoutMs = 600_000

/**
 * Runs a program of the host to its end, with messages in English and nothing on its input.
 *
 * @param command program and arguments; no shell is involved
 * @returns its standard output
 * @throws ToolError when it is missing, fails, is killed or takes too long; the message ends with what it said
 */
export async function runTool(command: readonly string[], options: ToolOptions = {}): Promise<string> {
  const [program = '', ...args] = command
  // Loaded here because the command must start fast, and most of what it does runs no tool.
  const { execa } = await import('execa')
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C', ...options.environment },
    timeout: options.timeoutMs ?? defaultTimeoutMs,
    ...(options.workingDirectory === undefined ? {} : { cwd: options.workingDirectory }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  if (!result.failed) return result.stdout
  const commandLine = command.join(' ')
  const said = result.stderr.trim() === '' ? result.stdout.trim() : result.stderr.trim()
  throw new ToolError(
    [`${commandLine} ${endOf(result)}`, lastLines(said)].filter((part) => part !== '').join(':\n'),
    { commandLine, exitCode: result.exitCode, stderr: result.stderr },
    { cause: result },
  )
}

interface ToolEnd {
  readonly timedOut: boolean
  readonly isCanceled: boolean
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  readonly code?: string | undefined
}

function endOf({ timedOut, isCanceled, exitCode, signal, code }: ToolEnd): string {
  if (timedOut) return 'took too long and was stopped'
  if (isCanceled) return 'was stopped on request'
  if (exitCode !== undefined) return `exited with ${exitCode}`
  if (signal !== undefined) return `was killed by ${signal}`
  return code === 'ENOENT'
    ? 'could not be started: it is not installed'
    : `could not be started (${code ?? 'unknown'})`
}

/** What a tool said last is why it failed; package managers say a hundred lines before. */
function lastLines(text: string): string {
  return text.split('\n').slice(-8).join('\n')
}
