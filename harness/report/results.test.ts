import { expect, test } from 'vitest'
import { reportWith, resultsOf } from './report.fixture.ts'
import { isGreen } from './results.ts'

test('results count the outcomes and name the runtimes without what they lack', () => {
  const results = resultsOf([reportWith(), reportWith({ outcome: 'skip' }), reportWith({ outcome: 'skip' })])
  expect(results.schema).toBe('runwright.results/1')
  expect(results.totals).toEqual({ pass: 1, fail: 0, broken: 0, deviation: 0, fixed: 0, skip: 2 })
  expect(results.runtimes[0]).not.toHaveProperty('lacks')
})

test('pass, deviation, fixed and skip are green', () => {
  const tests = (['pass', 'deviation', 'fixed', 'skip'] as const).map((outcome) => reportWith({ outcome }))
  expect(isGreen(resultsOf(tests))).toBe(true)
})

test.each([
  ['a failed test', resultsOf([reportWith({ outcome: 'fail' })])],
  ['a broken test', resultsOf([reportWith({ outcome: 'broken' })])],
  ['a leak', resultsOf([reportWith()], { leaks: [{ kind: 'mount', what: '/x' }] })],
  ['an error outside any test', resultsOf([reportWith()], { errors: ['worker died'] })],
  ['a test that was planned and did not run', resultsOf([reportWith()], { planned: 2 })],
])('%s is red', (_what, results) => {
  expect(isGreen(results)).toBe(false)
})
