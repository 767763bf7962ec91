import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { atThisPace, programPath, RunwrightError } from '../host/index.ts'
import type { SuitesSource } from './load-suites.ts'
import type { RunPlan } from './plan.ts'
import { isNews, type WorkerNews, type WorkerOrder } from './worker-messages.ts'

/** How long a worker may take to leave, in milliseconds. One that hangs never does. */
const leavingMs = atThisPace(2_000)

/** The process that runs the tests could not be started. */
export class RunnerNotStartedError extends RunwrightError {
  override readonly code = 'RUNNER_NOT_STARTED'
}

/**
 * The process that runs the tests of one run: apart, so that neither a test nor a system call that never returns is the
 * end of the run. It ends with this process.
 */
export class SuitesWorker implements AsyncDisposable {
  readonly #process: ChildProcess
  /** Rejects when the process could not be started; settles in no other way. */
  readonly #failed: Promise<never>

  private constructor(process: ChildProcess) {
    this.#process = process
    this.#failed = new Promise<never>((_, reject) => {
      process.on('error', (cause) =>
        reject(
          new RunnerNotStartedError(`the test runner could not be started: ${cause.message}`, { cause }),
        ),
      )
    })
    this.#failed.catch(() => undefined) // nobody may be waiting yet, or any more
  }

  /**
   * Starts a worker, which begins to load what it needs in any case. The sooner it is started the better: it loads while
   * this process finds out what is to be run.
   *
   * @param sources modules that it will be asked to run suites of; only those that Node itself can load are loaded now
   * @throws RunnerNotStartedError
   */
  static start(sources: readonly SuitesSource[]): SuitesWorker {
    const early = sources.filter(({ module }) => module === undefined).map(({ url }) => url)
    try {
      const child = fork(programPath('harness/run/worker-program.js'), early, {
        // Evidence holds what JSON does not.
        serialization: 'advanced',
        // What a test prints is for who watches; standard output is for the results.
        stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
      })
      return new SuitesWorker(child)
    } catch (cause) {
      throw new RunnerNotStartedError(`the test runner could not be started: ${messageOf(cause)}`, { cause })
    }
  }

  /**
   * Has the worker run a plan, and listens until it has nothing more to tell.
   *
   * @throws RunnerNotStartedError
   */
  async run(plan: RunPlan, hear: (news: WorkerNews) => void): Promise<void> {
    const child = this.#process
    const over = new AbortController()
    const ended = new Promise<void>((resolve) => {
      const listen = (message: unknown) => {
        if (!isNews(message)) return
        hear(message)
        if (message.kind === 'done') resolve()
      }
      const die = () => {
        const how = child.signalCode ?? `exit code ${child.exitCode}`
        hear({ kind: 'error', error: `the test runner ended before its tests had: ${how}` })
        resolve()
      }
      child.on('message', listen)
      // It comes after the last message.
      child.once('close', die)
      over.signal.addEventListener('abort', () => child.off('message', listen).off('close', die))
      if (this.#hasEnded) die()
    })
    this.tell({ kind: 'run', plan })
    try {
      await Promise.race([ended, this.#failed])
    } finally {
      over.abort()
    }
  }

  /** Who has ended meanwhile need not hear it: that it has is told elsewhere. */
  tell(order: WorkerOrder): void {
    this.#process.send(order, () => undefined)
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** Sends the process away, and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child.pid === undefined || this.#hasEnded) return
    // Not `close`, which does not come where this side has closed the channel.
    const exited = once(child, 'exit')
    const kill = setTimeout(() => child.kill('SIGKILL'), leavingMs)
    if (child.connected) child.disconnect()
    await exited
    clearTimeout(kill)
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
