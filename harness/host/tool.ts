import { closeSync, fstatSync, readSync } from 'node:fs'
import { RunwrightError } from './errors.ts'
import { type ProgramEnd, startProgram } from './program.ts'
import { createMemoryFile } from './system-calls.ts'

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
/** Between SIGTERM and SIGKILL for a tool that is stopped, in milliseconds. */
const graceMs = 5_000

/**
 * Runs a program of the host to its end, with messages in English and nothing on its input.
 *
 * @param command program and arguments; no shell is involved
 * @returns its standard output, without the line feed at its end
 * @throws ToolError when it is missing, fails, is killed or takes too long; the message ends with what it said
 */
export async function runTool(command: readonly string[], options: ToolOptions = {}): Promise<string> {
  const output = createMemoryFile()
  const errors = createMemoryFile()
  try {
    const end = await startProgram({
      argv: command,
      workingDirectory: options.workingDirectory ?? process.cwd(),
      environment: { ...process.env, LC_ALL: 'C', ...options.environment },
      descriptors: ['ignore', output, errors],
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      graceMs,
      signals: options.signal === undefined ? [] : [options.signal],
    }).ended
    const [stdout, stderr] = [textOf(output), textOf(errors)]
    if (end.kind === 'exited' && end.exitCode === 0) return stdout.replace(/\n$/, '')
    throw failureOf(command, end, { stdout, stderr })
  } finally {
    closeSync(output)
    closeSync(errors)
  }
}

function failureOf(
  command: readonly string[],
  end: ProgramEnd,
  { stdout, stderr }: { readonly stdout: string; readonly stderr: string },
): ToolError {
  const commandLine = command.join(' ')
  const said = stderr.trim() === '' ? stdout.trim() : stderr.trim()
  return new ToolError(
    [`${commandLine} ${describeEnd(end)}`, lastLines(said)].filter((part) => part !== '').join(':\n'),
    { commandLine, exitCode: end.kind === 'exited' ? end.exitCode : undefined, stderr },
    'cause' in end ? { cause: end.cause } : {},
  )
}

function describeEnd(end: ProgramEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exited with ${end.exitCode}`
    case 'signaled':
      return `was killed by ${end.signal}`
    case 'timed-out':
      return 'took too long and was stopped'
    case 'not-started':
      return `could not be started: ${end.reason}`
    case 'unknown':
      return 'ended in a way that nobody can tell'
    default:
      return 'was stopped on request'
  }
}

/** All that was written to a file, from its beginning, wherever its position is now. */
function textOf(descriptor: number): string {
  const bytes = Buffer.alloc(fstatSync(descriptor).size)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(descriptor, bytes, length, bytes.length - length, length)
  }
  return bytes.toString('utf8', 0, length)
}

/** What a tool said last is why it failed; package managers say a hundred lines before. */
function lastLines(text: string): string {
  return text.split('\n').slice(-8).join('\n')
}
