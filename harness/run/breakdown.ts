import { RunwrightError } from '../host/index.ts'

/** The test runner threw where nobody catches it. */
export class RunnerBrokenError extends RunwrightError {
  override readonly code = 'RUNNER_BROKEN'
}

/**
 * Hears of errors that nobody catches, such as those of a worker's pipe: they are to end the run, not this process,
 * which has a session to close.
 */
export class Breakdown {
  /** Rejects with a `RunnerBrokenError` at the first such error. */
  readonly happened: Promise<never>
  #reject: (error: RunnerBrokenError) => void = () => undefined
  readonly #hear = (cause: Error) => {
    this.#reject(new RunnerBrokenError(`the test runner broke down: ${cause.message}`, { cause }))
  }

  constructor() {
    this.happened = new Promise<never>((_, reject) => {
      this.#reject = reject
    })
    this.happened.catch(() => undefined) // nobody may be waiting by then
    process.on('uncaughtException', this.#hear)
  }

  end(): void {
    process.off('uncaughtException', this.#hear)
  }
}
