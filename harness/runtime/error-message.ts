import { type LogEntry, lastError } from './log-entries.ts'
import { shellQuote } from './shell-quote.ts'

/** Why a command of a runtime counts as failed. */
export type CommandProblem =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'output'; readonly expectation: string }

/** What is known about a failed command. */
export interface CommandFailure {
  readonly problem: CommandProblem
  readonly verb: string
  /** To run it again by hand, the program first. */
  readonly reproduction: readonly string[]
  /** The runtime's own name for its program, which a prefix may hide. */
  readonly program: string
  readonly workingDirectory: string
  readonly stdout: string
  readonly stderr: string
  readonly log: readonly LogEntry[]
  /** What could not be cleaned up after it. */
  readonly leftover?: string | undefined
}

/**
 * Words a failed command so that the text alone is enough to understand it: what was asked, how it ended, what the
 * runtime gave as the cause, and the command to paste into a shell.
 */
export function describeFailure(failure: CommandFailure): string {
  const { reproduction, workingDirectory, stdout, stderr, log, leftover } = failure
  return [
    headline(failure),
    `  command: ${shellQuote(reproduction)}`,
    `  in: ${workingDirectory}`,
    ...section('stderr', stderr),
    ...section('stdout', stdout),
    ...section(
      'log',
      log.map(({ level, message }) => `${level === '' ? '' : `${level}: `}${message}`).join('\n'),
    ),
    ...(leftover === undefined ? [] : [`  left behind: ${leftover}`]),
  ].join('\n')
}

function headline(failure: CommandFailure): string {
  const { problem, verb, program } = failure
  const subject = [program, verb].filter((part) => part !== '').join(' ')
  const cause = causeOf(failure)
  return `${subject} ${endOf(problem)}${cause === undefined ? '' : `: ${cause}`}`
}

function endOf(problem: CommandProblem): string {
  switch (problem.kind) {
    case 'exited':
      return `failed with exit code ${problem.exitCode}`
    case 'signaled':
      return `was killed by ${problem.signal}`
    case 'timed-out':
      return `did not end within ${problem.timeoutMs} ms and was stopped`
    case 'aborted':
      return 'was stopped on request'
    case 'not-started':
      return `could not be started: ${problem.reason}`
    case 'unknown':
      return 'has ended, but nobody could tell how'
    case 'output':
      return problem.expectation
  }
}

/** The runtime's own account: its last logged error, else the last line it printed as an error. */
function causeOf({ problem, log, stderr }: CommandFailure): string | undefined {
  if (['not-started', 'unknown', 'output'].includes(problem.kind)) return undefined
  const cause = lastError(log) ?? stderr.trimEnd().split('\n').at(-1)?.trim()
  if (cause === undefined || cause === '') return undefined
  return cause.length > shownCauseCharacters ? `${cause.slice(0, shownCauseCharacters)}…` : cause
}

const shownCauseCharacters = 1_000
const shownLines = 20
const shownCharacters = 8_000

/** The end of a text under its title: what was said last is nearest to the cause. */
function section(title: string, text: string): string[] {
  const whole = text.trimEnd()
  if (whole === '') return []
  const lines = whole.slice(-shownCharacters).split('\n')
  const shown = lines.slice(-shownLines)
  const isCut = shown.length < lines.length || whole.length > shownCharacters
  if (shown.length === 1 && !isCut) return [`  ${title}: ${whole}`]
  return [`  ${title}${isCut ? ' (its end)' : ''}:`, ...shown.map((line) => `    ${line}`)]
}
