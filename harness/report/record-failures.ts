import { checkDeviations, type Deviation, type TestReport } from '../suite/index.ts'
import { explanationOf } from './explanation.ts'
import { printableLine } from './printable.ts'
import type { Results } from './results.ts'

/**
 * The list of deviations that fits these results: what failed is added, with a reason to fill in, and what no longer
 * fails is taken out, unless it still does elsewhere: with another version, or on another kernel. Records of tests and runtimes that did not run stay as they are; `broken` tests are never
 * recorded, because a record excuses a wrong answer and not a missing one.
 *
 * @param known the list so far
 */
export function recordFailures(results: Results, known: readonly Deviation[]): Deviation[] {
  const profiles = new Map(results.runtimes.map(({ name, profile }) => [name, profile]))
  const ended = (outcome: TestReport['outcome']) =>
    new Map(
      results.tests
        .filter((test) => test.outcome === outcome)
        .map((test) => [keyOf(test.id, profiles.get(test.runtime)), test]),
    )
  const [fixed, excused] = [ended('fixed'), ended('deviation')]
  const kept = known.filter(({ test, runtime }) => {
    const key = keyOf(test, runtime)
    return !fixed.has(key) || excused.has(key)
  })
  const added = [...ended('fail').values()].map((test) => recordOf(test, results))
  return [...kept, ...checkDeviations(added, 'what failed')]
}

function keyOf(test: string, profile = ''): string {
  return `${profile} ${test}`
}

/** Begins the reason of a record that nobody has looked at yet. */
const unexplained = 'TO BE EXPLAINED: '

function recordOf(test: TestReport, { runtimes, leaks }: Results): unknown {
  // Where in somebody's own code the test was is of no use to another machine.
  const { id, runtime, module: _module, ...told } = test
  const { profile = runtime, version } = runtimes.find(({ name }) => name === runtime) ?? {}
  const seen = version === undefined ? '' : `; seen with ${version}`
  const leaves = [...new Set(leaks.filter((leak) => leak.test === id).map(({ kind }) => kind))]
  return {
    test: id,
    runtime: profile,
    reason: `${unexplained}${printableLine(explanationOf(told), 200)}${seen}`,
    ...(leaves.length === 0 ? {} : { leaves }),
  }
}

/** The text of a file that holds a list of deviations. */
export function deviationsText(deviations: readonly Deviation[]): string {
  const written = deviations.map(({ versions, ...deviation }) =>
    versions === '*' ? deviation : { ...deviation, versions },
  )
  return `${JSON.stringify(written, undefined, 2)}\n`
}
