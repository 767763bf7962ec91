import { expect, test } from 'vitest'
import type { Outcome } from '../suite/index.ts'
import { reportWith, requirementWith } from './report.fixture.ts'
import { requirementResults } from './verdict.ts'

const requirement = requirementWith()

test.each<[Outcome[], string]>([
  [[], 'untested'],
  [['pass', 'fixed'], 'met'],
  [['pass', 'skip'], 'met'],
  [['skip'], 'skipped'],
  [['pass', 'broken'], 'untested'],
  [['pass', 'deviation', 'broken'], 'deviation'],
  [['pass', 'deviation', 'broken', 'fail'], 'violated'],
])('tests that ended %j make a requirement %s', (outcomes, verdict) => {
  const results = requirementResults(
    new Map([[requirement.id, requirement]]),
    outcomes.map((outcome) => reportWith({ outcome })),
    [{ name: 'runc' }],
  )
  expect(results).toEqual([{ id: 'kill-sends-signal', level: 'MUST', runtime: 'runc', verdict }])
})

test('each runtime is judged by its own tests', () => {
  const results = requirementResults(
    new Map([[requirement.id, requirement]]),
    [reportWith({ outcome: 'pass', runtime: 'runc' }), reportWith({ outcome: 'fail', runtime: 'crun' })],
    [{ name: 'runc' }, { name: 'crun' }],
  )
  expect(results.map(({ runtime, verdict }) => `${runtime} ${verdict}`)).toEqual([
    'runc met',
    'crun violated',
  ])
})
