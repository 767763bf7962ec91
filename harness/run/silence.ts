import { RunwrightError } from '../host/index.ts'

/** The process that runs the tests never began, or has fallen silent: it hangs, or has died unnoticed. */
export class RunnerSilentError extends RunwrightError {
  override readonly code = 'RUNNER_SILENT'
}

/** Watches that something is heard now and then. */
export class Silence {
  /** Rejects with a `RunnerSilentError` once nothing has been heard for too long. */
  readonly broken: Promise<never>
  #reject: (error: RunnerSilentError) => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #limitMs: number

  /** @param firstLimitMs how long it may take until something is heard at all, in milliseconds */
  constructor(firstLimitMs: number) {
    this.broken = new Promise<never>((_, reject) => {
      this.#reject = reject
    })
    this.broken.catch(() => undefined) // nobody may be waiting by then
    this.#limitMs = firstLimitMs
    this.#wait('did not begin to run tests')
  }

  /** Something was heard. @param limitMs how long it may take until the next time, in milliseconds */
  heard(limitMs: number): void {
    this.#limitMs = limitMs
    this.#wait('was not heard of')
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #wait(failure: string): void {
    clearTimeout(this.#timer)
    const message =
      `the test runner ${failure} for ${this.#limitMs / 1000} s: this host may be out of memory, processes or ` +
      'descriptors'
    this.#timer = setTimeout(() => this.#reject(new RunnerSilentError(message)), this.#limitMs)
  }
}
