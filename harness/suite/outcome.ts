/** Every outcome, in the order in which summaries name them. */
export const outcomes = ['pass', 'fail', 'broken', 'deviation', 'fixed', 'skip'] as const

/**
 * What became of a test. `fail` and `broken` are red: the first speaks about the runtime, the second about the
 * test, the harness or the host, which could not judge it.
 */
export type Outcome = (typeof outcomes)[number]

/** Whether the outcome makes a run fail. */
export function isRed(outcome: Outcome): boolean {
  return outcome === 'fail' || outcome === 'broken'
}

/** An outcome with the sentence that explains it and the error it was read from, where there is one. */
export interface Judgement {
  readonly outcome: Outcome
  readonly reason?: string
  readonly error?: unknown
}
