import {
  atThisPace,
  DeadlineError,
  type ExitStatus,
  isProcessAlive,
  type ProcessIdentity,
  signalProcess,
  type Terminal,
  waitForExit,
} from '../host/index.ts'
import { type CommandRecord, type RunResult, resultOf } from './command-record.ts'
import type { LogEntry } from './log-entries.ts'
import { captured, defaultMaxBytes, type Output, type ReadOptions } from './output.ts'
import type { ProcessStreams } from './stdio.ts'

/** What a process of a container is made from. */
export interface ProcessFacts {
  /** Undefined for a process that had ended before it could be identified. */
  readonly identity: ProcessIdentity | undefined
  readonly stdout: Output
  readonly stderr: Output
  readonly streams: ProcessStreams
  readonly console: Terminal | undefined
  /** The command that made the process known. */
  readonly command: CommandRecord
  readonly log: readonly LogEntry[]
}

export interface WaitOptions {
  /** How long to wait, in milliseconds; 30 s unless told. */
  readonly timeoutMs?: number | undefined
  /** Ends the wait, not the process; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** How long a wait lasts unless told, in milliseconds. */
const defaultWaitMs = 30_000

/** A process of a container, seen from the host: its init, or one that was executed in it. */
export class ContainerProcess {
  /** Undefined for a process that had ended before it could be identified, also for the init of a stopped container. */
  readonly identity: ProcessIdentity | undefined
  /** Our ends of its pipes, where pipes were asked for. */
  readonly streams: ProcessStreams
  /** Its terminal, where it has one. */
  readonly console: Terminal | undefined
  readonly #facts: ProcessFacts

  constructor(facts: ProcessFacts) {
    this.identity = facts.identity
    this.streams = facts.streams
    this.console = facts.console
    this.#facts = facts
    // Collected as soon as it ends: an uncollected process keeps its container's pid namespace from ending.
    if (facts.identity !== undefined) waitForExit(facts.identity, { background: true }).catch(() => undefined)
  }

  /** Its pid on the host. */
  get pid(): number | undefined {
    return this.identity?.pid
  }

  /** Whether exactly this process still runs; not one that has got its pid since. */
  isAlive(): boolean {
    return this.identity !== undefined && isProcessAlive(this.identity)
  }

  /**
   * Sends it a signal, directly and not through the runtime.
   *
   * @param signal a name or number, as in signal(7)
   * @returns `gone` when it has ended
   * @throws UnknownSignalError
   */
  signal(signal: string | number): 'sent' | 'gone' {
    return this.identity === undefined ? 'gone' : signalProcess(this.identity, signal)
  }

  /**
   * Waits until it has ended.
   *
   * @returns how it ended, and what was captured of its output; exit code and status are undefined when they cannot be
   * known because it was not started from this process
   * @throws DeadlineError
   */
  async wait({ maxBytes = defaultMaxBytes, ...options }: WaitOptions & ReadOptions = {}): Promise<RunResult> {
    const status = await this.#whenEnded(options)
    const output = {
      stdout: captured(this.#facts.stdout, { maxBytes }),
      stderr: captured(this.#facts.stderr, { maxBytes }),
    }
    return resultOf(status, output, this.#facts.log, this.#facts.command)
  }

  async #whenEnded({
    timeoutMs = atThisPace(defaultWaitMs),
    signal,
  }: WaitOptions): Promise<ExitStatus | undefined> {
    if (this.identity === undefined) return undefined
    const deadline = new AbortController()
    const error = new DeadlineError(`waited ${timeoutMs} ms in vain for process ${this.identity.pid} to end`)
    const timer = setTimeout(() => deadline.abort(error), timeoutMs)
    const signals = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal])
    try {
      return await waitForExit(this.identity, { signal: signals })
    } finally {
      clearTimeout(timer)
    }
  }

  /** What it has written to its standard output so far. @throws OutputNotCapturedError */
  async stdout(options?: ReadOptions): Promise<string> {
    return this.#facts.stdout.read(options)
  }

  /** What it has written to its standard error so far. @throws OutputNotCapturedError */
  async stderr(options?: ReadOptions): Promise<string> {
    return this.#facts.stderr.read(options)
  }
}
