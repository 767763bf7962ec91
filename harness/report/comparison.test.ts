import { describe, expect, test } from 'vitest'
import type { Outcome } from '../suite/index.ts'
import { compareResults } from './comparison.ts'
import { describeComparison } from './comparison-text.ts'
import { noPaint } from './paint.ts'
import { failedWith, reportWith, requirementWith, resultsOf } from './report.fixture.ts'

const requirement = requirementWith()
const catalogue = new Map([[requirement.id, requirement]])
const style = { paint: noPaint, width: Number.POSITIVE_INFINITY }

/** Where a test is told that ended like this before and now. */
function told(before: Outcome, after: Outcome): string {
  const { schema: _schema, ...parts } = compareResults(
    resultsOf([reportWith({ outcome: before })]),
    resultsOf([reportWith({ outcome: after })]),
  )
  return Object.entries(parts)
    .flatMap(([name, list]) => (list.length > 0 ? [name] : []))
    .join()
}

test.each<[Outcome, Outcome, string]>([
  ['pass', 'fail', 'regressions'],
  ['deviation', 'fail', 'regressions'],
  ['skip', 'broken', 'regressions'],
  ['fail', 'pass', 'fixes'],
  ['broken', 'pass', 'fixes'],
  ['deviation', 'fixed', 'fixes'],
  ['pass', 'skip', 'changes'],
  ['fail', 'broken', 'changes'],
  ['fail', 'deviation', 'changes'],
  ['pass', 'pass', ''],
  ['fail', 'fail', ''],
])('%s before and %s now is told among the %s', (before, after, where) => {
  expect(told(before, after)).toBe(where)
})

test('a test that only one side has is new or gone, whatever its outcome', () => {
  const { added, gone, regressions } = compareResults(
    resultsOf([reportWith({ id: 'kill/old' })]),
    resultsOf([failedWith({ id: 'kill/new' })]),
  )
  expect(added).toEqual([{ id: 'kill/new', runtime: 'runc', outcome: 'fail' }])
  expect(gone).toEqual([{ id: 'kill/old', runtime: 'runc', outcome: 'pass' }])
  expect(regressions).toEqual([])
})

describe('runtimes', () => {
  const named = (...names: readonly string[]) =>
    names.map((name) => ({
      name,
      command: name,
      profile: name,
      version: '1',
      specVersion: '1',
      lacks: [],
      leaves: [],
    }))

  test('are matched by name where there are several', () => {
    const before = resultsOf(
      ['runc', 'crun'].map((runtime) => reportWith({ runtime })),
      { runtimes: named('runc', 'crun') },
    )
    const after = resultsOf([reportWith({ runtime: 'crun', outcome: 'fail' })], { runtimes: named('crun') })
    const { regressions, gone } = compareResults(before, after)
    expect(regressions.map(({ runtime }) => runtime)).toEqual(['crun'])
    expect(gone.map(({ runtime }) => runtime)).toEqual(['runc'])
  })

  test('are compared with each other where each side has one', () => {
    const before = resultsOf([reportWith()])
    const after = resultsOf([reportWith({ runtime: 'crun', outcome: 'fail' })], { runtimes: named('crun') })
    expect(compareResults(before, after)).toMatchObject({
      regressions: [{ runtime: 'crun' }],
      gone: [],
      added: [],
    })
  })
})

test.each([
  ['twice as long and more', 600, 1_800, 1],
  ['as much shorter', 1_800, 600, 1],
  ['longer by less than as much again', 2_000, 3_500, 0],
  ['longer by little', 10, 300, 0],
])('a test that took %s: %d ms, then %d ms', (_what, before, after, count) => {
  const { times } = compareResults(
    resultsOf([reportWith({ durationMs: before })]),
    resultsOf([reportWith({ durationMs: after })]),
  )
  expect(times).toHaveLength(count)
})

describe('the text', () => {
  test('tells regressions first, with what the specification wants and what happened', () => {
    const before = resultsOf([
      reportWith(),
      failedWith({ id: 'kill/mended' }),
      reportWith({ id: 'kill/old' }),
    ])
    const after = resultsOf([failedWith(), reportWith({ id: 'kill/mended' })])
    const text = describeComparison(compareResults(before, after), catalogue, style)
    expect(text).toMatch(/^REGRESSION {2}kill\/kill-delivers {2}\(runc, pass before, fail now\)/)
    expect(text).toContain('  MUST: Kill delivers exactly the asked signal.')
    expect(text).toContain('    expected exit code 0, got 1')
    expect(text).toContain('Fixed\n  runc  fail → pass  kill/mended')
    expect(text).toMatch(/1 regressed, 1 fixed, 1 gone$/)
  })

  test('says so when nothing is different', () => {
    const results = resultsOf([reportWith()])
    expect(describeComparison(compareResults(results, results), catalogue, style)).toBe('no difference')
  })
})
