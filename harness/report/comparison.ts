import { isRed, type Outcome, type TestReport } from '../suite/index.ts'
import type { Results } from './results.ts'

/** The name and version of the format below. */
export const comparisonFormat = 'runwright.comparison/1'

/** A test that ended in different ways. */
export interface ChangedTest {
  readonly id: string
  readonly title: string
  readonly covers: readonly string[]
  /** The runtime of the later results. */
  readonly runtime: string
  readonly before: Outcome
  readonly after: Outcome
  /** What the later results say about the outcome. */
  readonly reason?: string
  readonly error?: { readonly message: string }
}

/** A test that only one side has. */
export interface LoneTest {
  readonly id: string
  readonly runtime: string
  readonly outcome: Outcome
}

/** A test whose time is another one. */
export interface ChangedTime {
  readonly id: string
  readonly runtime: string
  readonly beforeMs: number
  readonly afterMs: number
}

/** What is different between the results of two runs. */
export interface Comparison {
  readonly schema: typeof comparisonFormat
  /** Red now, and not before. */
  readonly regressions: readonly ChangedTest[]
  /** It held now, and did not before: it was red, or a recorded deviation. */
  readonly fixes: readonly ChangedTest[]
  /** Ended otherwise than before, for neither better nor worse: skipped now, recorded as a deviation, … */
  readonly changes: readonly ChangedTest[]
  /** Only in the later results. */
  readonly added: readonly LoneTest[]
  /** Only in the earlier results. */
  readonly gone: readonly LoneTest[]
  readonly times: readonly ChangedTime[]
}

/**
 * Compares two runs test by test: two versions of a runtime, two runtimes, two days. Runtimes are matched by name;
 * where each side has only one, they are compared whatever they are called.
 */
export function compareResults(before: Results, after: Results): Comparison {
  const nameBefore = matchingNames(before, after)
  const earlier = new Map(before.tests.map((test) => [keyOf(test.runtime, test.id), test]))
  const pairs = after.tests.map((test) => ({
    test,
    old: earlier.get(keyOf(nameBefore(test.runtime), test.id)),
  }))
  const matched = new Set(pairs.flatMap(({ old }) => (old === undefined ? [] : [old])))
  const both = pairs.flatMap(({ test, old }) => (old === undefined ? [] : [{ test, old }]))
  const changed = both.filter(({ test, old }) => test.outcome !== old.outcome).map(changedTest)
  return {
    schema: comparisonFormat,
    regressions: changed.filter(isRegression),
    fixes: changed.filter(isFix),
    changes: changed.filter((change) => !isRegression(change) && !isFix(change)),
    added: pairs.filter(({ old }) => old === undefined).map(({ test }) => loneTest(test)),
    gone: before.tests.filter((test) => !matched.has(test)).map(loneTest),
    times: both.filter(tookOtherwise).map(({ test, old }) => ({
      id: test.id,
      runtime: test.runtime,
      beforeMs: old.durationMs,
      afterMs: test.durationMs,
    })),
  }
}

/** What the earlier results call a runtime of the later ones. */
function matchingNames(before: Results, after: Results): (name: string) => string {
  const [only, ...more] = before.runtimes
  const isPair = only !== undefined && more.length === 0 && after.runtimes.length === 1
  return isPair ? () => only.name : (name) => name
}

function keyOf(runtime: string, id: string): string {
  return `${runtime}\n${id}`
}

interface Pair {
  readonly test: TestReport
  readonly old: TestReport
}

function changedTest({ test, old }: Pair): ChangedTest {
  const { id, title, covers, runtime, outcome, reason, error } = test
  return {
    id,
    title,
    covers,
    runtime,
    before: old.outcome,
    after: outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error: { message: error.message } }),
  }
}

function loneTest({ id, runtime, outcome }: TestReport): LoneTest {
  return { id, runtime, outcome }
}

function isRegression({ before, after }: ChangedTest): boolean {
  return isRed(after) && !isRed(before)
}

function isFix({ before, after }: ChangedTest): boolean {
  return held(after) && (isRed(before) || before === 'deviation')
}

function held(outcome: Outcome): boolean {
  return outcome === 'pass' || outcome === 'fixed'
}

/** Times vary by themselves: a change has to be one of both factor and milliseconds to be told. */
const leastFactor = 2
const leastMs = 500

function tookOtherwise({ test, old }: Pair): boolean {
  const [shorter = 0, longer = 0] = [old.durationMs, test.durationMs].sort((one, other) => one - other)
  return (
    held(old.outcome) && held(test.outcome) && longer >= leastFactor * shorter && longer - shorter >= leastMs
  )
}
