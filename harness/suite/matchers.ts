import { constants } from 'node:os'
import { type CommandRecord, Container, type RunResult, RuntimeError, shellQuote } from '../runtime/index.ts'
import { NothingObservedError } from './broken.ts'
import { type Check, noteFailure } from './expectation.ts'

interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

/** The part of vitest's matcher state that is used here. */
interface MatcherCall {
  readonly isNot?: boolean
  readonly task?: object
}

/** Gives a matcher's result on, and takes note of what was expected where it did not hold. */
function noting(
  { isNot = false, task }: MatcherCall,
  result: MatcherResult,
  expectation: { readonly check: Check; readonly command?: CommandRecord } | undefined,
): MatcherResult {
  if (result.pass === isNot && task !== undefined && expectation !== undefined)
    noteFailure(task, { ...expectation, isNegated: isNot, message: result.message() })
  return result
}

/** The matchers of the harness, for `expect.extend`. */
export const matchers = {
  /** A finished run or process ended with this exit code; a signal counts as 128 + its number. */
  toHaveExited(this: MatcherCall, received: unknown, code: number): MatcherResult {
    const result = knownEnd('toHaveExited', received)
    return noting(
      this,
      {
        pass: result.exitCode === code,
        message: () => `expected exit code ${code}, got ${result.exitCode}\n${evidence(result)}`,
        actual: result.exitCode,
        expected: code,
      },
      exitOf(result, code),
    )
  },

  /**
   * A finished run or process was ended by this signal; an exit code of 128 + its number says so, too: that is how a
   * shell tells it, and a runtime whose process on the host stands for one inside a sandbox.
   */
  toHaveBeenKilledBy(this: MatcherCall, received: unknown, signal: NodeJS.Signals): MatcherResult {
    const result = knownEnd('toHaveBeenKilledBy', received)
    const actual = result.status?.kind === 'signaled' ? result.status.signal : undefined
    const code = 128 + constants.signals[signal]
    return noting(
      this,
      {
        pass: actual === signal || result.exitCode === code,
        message: () =>
          `expected an end by ${signal}, got ${actual ?? `exit code ${result.exitCode}`}\n${evidence(result)}`,
        actual,
        expected: signal,
      },
      exitOf(result, code),
    )
  },

  /** A finished run wrote exactly this text, or text that matches, to its standard output. */
  toHavePrinted(this: MatcherCall, received: unknown, text: string | RegExp): MatcherResult {
    const result = runResult('toHavePrinted', received)
    return noting(
      this,
      {
        pass: typeof text === 'string' ? result.stdout === text : text.test(result.stdout),
        message: () =>
          `expected standard output ${show(text)}, got ${show(result.stdout)}\n${evidence(result)}`,
        actual: result.stdout,
        expected: text,
      },
      typeof text === 'string' ? { check: { kind: 'printed', text }, command: result.command } : undefined,
    )
  },

  /** The runtime reports this status of the container. */
  async toHaveStatus(this: MatcherCall, received: unknown, status: string): Promise<MatcherResult> {
    const container = containerOf('toHaveStatus', received)
    const state = await container.state()
    return noting(
      this,
      {
        pass: state.status === status,
        message: () => `expected container ${container.id} to be ${status}, the runtime says ${state.status}`,
        actual: state.status,
        expected: status,
      },
      { check: { kind: 'status', status } },
    )
  },

  /** The runtime reports the container as running, and its process is alive. */
  async toBeRunning(received: unknown): Promise<MatcherResult> {
    const container = containerOf('toBeRunning', received)
    const state = await container.state()
    const alive = container.init.isAlive()
    return {
      pass: state.status === 'running' && alive,
      message: () =>
        `expected container ${container.id} to be running, the runtime says ${state.status} and process ` +
        `${container.init.pid} is ${alive ? 'alive' : 'gone'}`,
      actual: state.status,
      expected: 'running',
    }
  },

  /**
   * The runtime refuses what the promise stands for: its command ended by itself with an error. A command that
   * hung, crashed by a signal or could not be started has refused nothing.
   */
  async toBeRefused(this: MatcherCall, received: unknown): Promise<MatcherResult> {
    if (!(received instanceof Promise)) throw new TypeError('toBeRefused takes the promise of a runtime call')
    const refusal = await refusalOf(received)
    return noting(
      this,
      {
        pass: refusal !== undefined,
        message: () =>
          refusal === undefined
            ? 'expected the runtime to refuse, it accepted'
            : `expected the runtime to accept, it refused:\n${refusal}`,
      },
      // Of a refusal that came unexpectedly nobody knows here which command it was.
      refusal === undefined ? { check: { kind: 'refused' } } : undefined,
    )
  },
}

/** The exit code is the command's own only where the command lasted as long as the process. */
function exitOf({ command, exitCode }: RunResult, code: number) {
  const isItsOwn = command.verb !== 'create' && command.exitCode === exitCode
  return isItsOwn ? ({ check: { kind: 'exited', code }, command } as const) : undefined
}

/** What the runtime said when it refused, or undefined when it accepted; rethrows what is neither. */
async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    const answer = await call
    if (!isRunResult(answer) || answer.exitCode === 0) return undefined
    if (answer.status?.kind === 'exited') return evidence(answer)
    throw new TypeError(`the runtime neither accepted nor refused\n${evidence(answer)}`)
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'RUNTIME_EXITED') return error.message
    throw error
  }
}

function runResult(matcher: string, received: unknown): RunResult {
  if (isRunResult(received)) return received
  throw new TypeError(
    `${matcher} takes the result of a run or of waiting for a process, not ${show(received)}`,
  )
}

/** How it ended has to be known before anything can be said about it. */
function knownEnd(matcher: string, received: unknown): RunResult {
  const result = runResult(matcher, received)
  if (result.status !== undefined) return result
  throw new NothingObservedError(`nobody can tell how this ended:\n${evidence(result)}`)
}

function isRunResult(value: unknown): value is RunResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    'exitCode' in value &&
    'stdout' in value &&
    'command' in value
  )
}

function containerOf(matcher: string, received: unknown): Container {
  if (received instanceof Container) return received
  throw new TypeError(`${matcher} takes a container, not ${show(received)}`)
}

/** What a reader needs to understand a result: the command, what was printed, and what the runtime logged. */
function evidence({ command, stdout, stderr, log }: RunResult): string {
  const lines = [
    `command: ${shellQuote(command.reproduction)}`,
    `stdout: ${show(stdout)}`,
    `stderr: ${show(stderr)}`,
    ...log.map(({ level, message }) => `log: ${level}: ${message}`),
  ]
  return lines.join('\n')
}

const shownCharacters = 2_000

function show(value: unknown): string {
  const text = value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > shownCharacters
    ? `${text.slice(0, shownCharacters)}… (${text.length} characters)`
    : text
}
