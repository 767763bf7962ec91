import { expect, test } from 'vitest'
import { checkDeviations, parseDeviations } from '../suite/index.ts'
import { deviationsText, recordFailures } from './record-failures.ts'
import { failedWith, reportWith, resultsOf } from './report.fixture.ts'

const known = checkDeviations(
  [
    { test: 'kill/kill-delivers', runtime: 'runc', reason: 'old' },
    { test: 'kill/kill-delivers', runtime: 'crun', reason: 'of another' },
    { test: 'state/not-run', runtime: 'runc', reason: 'not asked', versions: '<2' },
  ],
  'deviations.json',
)

test('what failed is recorded for its runtime, with a reason to fill in and what it left', () => {
  const results = resultsOf([failedWith({ id: 'kill/fails' })], {
    leaks: [
      { kind: 'mount', what: '/x', test: 'kill/fails' },
      { kind: 'cgroup', what: '/y', test: 'kill/other' },
    ],
  })
  expect(recordFailures(results, known)).toEqual([
    ...known,
    {
      test: 'kill/fails',
      runtime: 'runc',
      versions: '*',
      reason: 'TO BE EXPLAINED: expected exit code 0, got 1 stderr: "no"; seen with 1.1.5',
      leaves: ['mount'],
    },
  ])
})

test('what was fixed is taken out, for this runtime only', () => {
  const results = resultsOf([reportWith({ outcome: 'fixed' })])
  expect(recordFailures(results, known)).toEqual(known.slice(1))
})

test('a test that could not judge, or disagrees as recorded, changes nothing', () => {
  const results = resultsOf([reportWith({ outcome: 'broken' }), reportWith({ outcome: 'deviation' })])
  expect(recordFailures(results, known)).toEqual(known)
})

test('the text of a list is read as the same list', () => {
  const text = deviationsText(known)
  expect(parseDeviations(text, 'deviations.json')).toEqual(known)
  expect(text).not.toContain('"*"')
})

test('a record does not say where on this machine the code of a test of your own was', () => {
  const error = { name: 'Error', message: 'no', stack: 'Error: no\n    at body (/home/me/mine.ts:9:21)' }
  const [record] = recordFailures(resultsOf([failedWith({ module: 'mine.ts', error })]), [])
  expect(record?.reason).toBe('TO BE EXPLAINED: no; seen with 1.1.5')
})
