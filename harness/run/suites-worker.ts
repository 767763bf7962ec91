import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { atThisPace, forkProgram, RunwrightError } from '../host/index.ts'
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
  /** Settles with its end, once it has been heard out. */
  readonly #closed: Promise<unknown>
  /** Resolves when the first of its tests was run, something has gone wrong or the worker has ended. */
  readonly underWay: Promise<unknown>
  /** What it told while nobody listened. */
  readonly #unheard: WorkerNews[] = []
  #hear: (news: WorkerNews) => void = (news) => this.#unheard.push(news)

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
    process.on('message', (message) => isNews(message) && this.#hear(message))
    this.#closed = new Promise((resolve) => process.once('close', resolve))
    const told = new Promise<void>((resolve) => {
      process.on('message', (message) => isNews(message) && isTelling(message) && resolve())
    })
    this.underWay = Promise.race([told, this.#closed, this.#failed]).catch(() => undefined)
  }

  /**
   * Starts a worker, which begins to load what it needs in any case. The sooner it is started the better: it loads while
   * this process finds out what is to be run.
   *
   * @param ahead a process of the worker's program that was started before, and is this worker's from now on
   * @throws RunnerNotStartedError
   */
  static start(ahead?: ChildProcess): SuitesWorker {
    try {
      return new SuitesWorker(ahead ?? forkProgram('harness/run/worker-program.js'))
    } catch (cause) {
      throw new RunnerNotStartedError(`the test runner could not be started: ${messageOf(cause)}`, { cause })
    }
  }

  /** Has the worker begin to run a plan. What it tells is kept until somebody listens. */
  begin(plan: RunPlan): void {
    this.tell({ kind: 'run', plan })
  }

  /**
   * Listens until the worker has nothing more to tell.
   *
   * @throws RunnerNotStartedError
   */
  async listen(hear: (news: WorkerNews) => void): Promise<void> {
    const done = new Promise<'done'>((resolve) => {
      this.#hear = (news) => {
        hear(news)
        if (news.kind === 'done') resolve('done')
      }
    })
    for (const news of this.#unheard.splice(0)) this.#hear(news)
    const end = await Promise.race([done, this.#closed, this.#failed]).finally(() => {
      this.#hear = () => undefined
    })
    if (end === 'done') return
    const how = this.#process.signalCode ?? `exit code ${this.#process.exitCode}`
    hear({ kind: 'error', error: `the test runner ended before its tests had: ${how}` })
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

/** Whether more has happened than that a test was begun, or skipped. */
function isTelling(news: WorkerNews): boolean {
  return news.kind === 'ended' ? news.report.outcome !== 'skip' : news.kind !== 'started'
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
