import type { CommandRecord } from '../runtime/index.ts'

/** What was expected of a command, in terms that a shell can look at. */
export type Check =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'printed'; readonly text: string }
  | { readonly kind: 'status'; readonly status: string }

/** An expectation of one of the harness's matchers that did not hold. */
export interface FailedExpectation {
  readonly check: Check
  /** Whether the opposite was expected. */
  readonly isNegated: boolean
  /** The command it is about, where the matcher knows: else the last one before. */
  readonly command?: CommandRecord
  /** When it failed, in milliseconds since the epoch by the clock of the records. */
  readonly at: number
  /** The matcher's message, by which the error is known that came of it. */
  readonly message: string
}

/** The last failed expectation of each of vitest's tasks; vitest's errors have no place for it. */
const lastFailed = new WeakMap<object, FailedExpectation>()

/** Takes note of what a matcher found wrong. */
export function noteFailure(task: object, failure: Omit<FailedExpectation, 'at'>): void {
  lastFailed.set(task, { ...failure, at: performance.timeOrigin + performance.now() })
}

/** The last expectation of a task that failed in a matcher of the harness, which is then forgotten. */
export function takeFailureOf(task: object): FailedExpectation | undefined {
  const failure = lastFailed.get(task)
  lastFailed.delete(task)
  return failure
}
