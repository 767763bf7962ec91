import { CannotJudgeError } from './broken.ts'
import type { Deviation } from './deviation.ts'
import type { Judgement } from './outcome.ts'

/** How the body of a test ended. */
export type BodyEnd = { readonly kind: 'returned' } | { readonly kind: 'threw'; readonly error: unknown }

/**
 * Turns the end of a test's body into its outcome. Only a failed expectation and an answer of the runtime speak
 * about the runtime; every other error means that the test could not judge, and is `broken` even where a
 * deviation is recorded: a record excuses a wrong answer, never a missing one.
 */
export function judge(end: BodyEnd, deviation: Deviation | undefined): Judgement {
  if (end.kind === 'returned') return deviation === undefined ? { outcome: 'pass' } : stale(deviation)
  if (!speaksOfRuntime(end.error))
    return { outcome: 'broken', reason: whyBroken(end.error), error: end.error }
  if (deviation !== undefined) return { outcome: 'deviation', reason: explain(deviation), error: end.error }
  return { outcome: 'fail', error: end.error }
}

function stale(deviation: Deviation): Judgement {
  return {
    outcome: 'fixed',
    reason: `a deviation is recorded, but the requirement held: ${explain(deviation)}`,
  }
}

function explain({ reason, link }: Deviation): string {
  return link === undefined ? reason : `${reason} (${link})`
}

/**
 * Error codes that are an answer of the runtime: it exited with an error, died of a signal, printed what cannot
 * be read, or an effect it owed did not come within a generous deadline.
 */
const answersOfRuntime: ReadonlySet<string> = new Set([
  'RUNTIME_EXITED',
  'RUNTIME_SIGNALED',
  'RUNTIME_OUTPUT',
  'DEADLINE',
])

function speaksOfRuntime(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return isFailedExpectation(error) || ('code' in error && answersOfRuntime.has(String(error.code)))
}

/** What `expect` throws holds what it compared; the errors of custom matchers have no other mark. */
function isFailedExpectation(error: Error): boolean {
  return error.name === 'AssertionError' || ('actual' in error && 'expected' in error)
}

function whyBroken(error: unknown): string {
  if (error instanceof CannotJudgeError) return error.message
  if (!(error instanceof Error)) return `the test threw ${String(error)}`
  return `the test could not judge: ${error.message}`
}
