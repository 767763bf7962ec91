import { createHash } from 'node:crypto'
import type { Fault } from '../fault/index.ts'
import type { SuiteDeclaration, TestDeclaration } from '../suite/index.ts'

/** The tests that have to notice a fault: they cover what it violates, or are named by it. */
export function coveringTests(
  { violates, tests: named = [] }: Pick<Fault, 'violates' | 'tests'>,
  suites: readonly SuiteDeclaration[],
): readonly TestDeclaration[] {
  const tests = suites.flatMap((suite) => suite.tests)
  if (violates === 'everything') return tests
  return tests.filter(
    ({ id, suite, covers }) =>
      covers.some((requirement) => violates.includes(requirement)) ||
      named.includes(suite) ||
      named.includes(id),
  )
}

/** A test of every suite: by some of them it is seen what a fault does to suites that have nothing to do with it. */
export function sampleOf(suites: readonly SuiteDeclaration[]): readonly TestDeclaration[] {
  return suites.flatMap(({ tests }) => tests.slice(0, 1))
}

/** Few, for a proof is long: over a thousand faults, every suite is run beside some seventy nevertheless. */
const bystandersOfFault = 3

/**
 * Those of a sample that are run beside the tests which have to notice a fault: always the same for one fault, and over
 * many faults all in turn.
 */
export function bystandersOf({ id }: Pick<Fault, 'id'>, sample: readonly string[]): readonly string[] {
  if (sample.length <= bystandersOfFault) return sample
  const start = createHash('sha256').update(id).digest().readUInt32BE() % sample.length
  return [...sample, ...sample].slice(start, start + bystandersOfFault)
}

/** Those tests that are of other suites than the tests which have to notice. */
export function unrelatedTests(
  tests: readonly TestDeclaration[],
  covering: readonly TestDeclaration[],
): readonly TestDeclaration[] {
  const related = new Set(covering.map(({ suite }) => suite))
  return tests.filter(({ suite }) => !related.has(suite))
}
