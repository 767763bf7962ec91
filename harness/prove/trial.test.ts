import { describe, expect, test } from 'vitest'
import { fault, report } from './proof.fixture.ts'
import { notApplicable, recordOf, type Trial } from './trial.ts'

const trial: Trial = { fault: fault(), covering: ['a/1', 'a/2', 'a/3'], unrelated: ['b/1', 'b/2'] }
const account = { changes: 3, errors: [] }
const leak = { leaks: [{ kind: 'cgroup', what: 'one', test: 'a/3' }] } as const

describe('a fault', () => {
  test('is killed when a test fails that had to notice', () => {
    const reports = [report('a/1', 'fail'), report('a/2', 'pass'), report('a/3', 'broken')]
    expect(recordOf(trial, reports, account)).toMatchObject({
      verdict: 'killed',
      failed: ['a/1'],
      passed: ['a/2'],
      disturbed: ['a/3'],
      changes: 3,
      testMs: 30,
    })
  })

  test('has the first words kept of every test that was not green', () => {
    const error = { name: 'AssertionError', message: 'expected one\ngot two' }
    const reports = [
      report('a/1', 'fail', { error }),
      report('a/2', 'broken', { reason: 'nobody reported', error }),
      report('a/3', 'pass', leak),
      report('b/1', 'pass'),
    ]
    expect(recordOf(trial, reports, account).words).toEqual({
      'a/1': 'expected one',
      'a/2': 'nobody reported',
      'a/3': 'left behind: cgroup one',
    })
  })

  test.each([
    ['could not judge', report('a/3', 'broken')],
    ['found something left', report('a/3', 'pass', leak)],
  ])('is noticed when a test %s and none failed', (_how, noticing) => {
    const found = recordOf(trial, [report('a/1', 'pass'), noticing], account)
    expect(found).toMatchObject({ verdict: 'noticed', disturbed: ['a/3'] })
  })

  test('survives when only others notice', () => {
    const reports = [
      report('a/1', 'pass'),
      report('a/2', 'skip'),
      report('b/1', 'fail'),
      report('b/2', 'pass'),
    ]
    expect(recordOf(trial, reports, account)).toMatchObject({
      verdict: 'survived',
      passed: ['a/1'],
      unrelated: { ran: 2, red: ['b/1'] },
    })
  })

  test('that cannot be seen may survive', () => {
    const unseen = { ...trial, fault: fault({ unseen: 'Nobody looks there.' }) }
    expect(recordOf(unseen, [report('a/1', 'pass')], account)).toMatchObject({
      verdict: 'unseen',
      reason: 'Nobody looks there.',
    })
    expect(recordOf(unseen, [report('a/1', 'fail')], account).verdict).toBe('killed')
  })

  test('that breaks everything survives with the first test that passes', () => {
    const everything = { ...trial, fault: fault({ violates: 'everything' }) }
    const red = [report('a/1', 'fail'), report('a/2', 'broken')]
    expect(recordOf(everything, red, account).verdict).toBe('killed')
    expect(recordOf(everything, [...red, report('a/3', 'pass')], account).verdict).toBe('survived')
  })

  test('that nothing can be found out about says why', () => {
    expect(notApplicable(fault(), 'it is too old')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'it is too old',
    })
  })
})
