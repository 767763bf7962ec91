import { expect, test } from 'vitest'
import { describeMatrix } from './matrix.ts'
import { record } from './proof.fixture.ts'
import type { Proof } from './proof.ts'
import { summarize } from './summary.ts'

function proof(members: Partial<Proof>): Proof {
  return {
    schema: 'runwright.proof/1',
    runwright: '0.1.0',
    runtime: { name: 'runc', command: '/usr/sbin/runc' },
    baseline: {},
    faults: [],
    ...members,
  }
}

test('faults are counted by area and verdict, with what they did to others', () => {
  const faults = [
    record({ area: 'one', unrelated: { ran: 10, red: ['x/1'] } }),
    record({ area: 'two', verdict: 'survived' }),
    record({ area: 'one', verdict: 'noticed', unrelated: { ran: 5, red: [] } }),
  ]
  const { areas, survivors } = summarize(proof({ faults }))
  expect(areas).toMatchObject([
    { area: 'one', counts: { killed: 1, noticed: 1, survived: 0 }, unrelated: { ran: 15, red: 1 } },
    { area: 'two', counts: { killed: 0, survived: 1 } },
  ])
  expect(survivors).toEqual([faults[1]])
})

test('a test that only a runtime without any sense makes fail was never killed', () => {
  const faults = [record({ failed: ['a/1'] }), record({ failed: ['a/1', 'a/2'], breaksEverything: true })]
  const baseline = { 'a/1': 'pass', 'a/2': 'pass', 'a/3': 'skip' } as const
  expect(summarize(proof({ faults, baseline })).neverKilled).toEqual(['a/2'])
})

test('the matrix tells of every fault how many tests of which suites noticed', () => {
  const faults = [
    record({
      id: 'one',
      failed: ['a/1', 'b/1'],
      disturbed: ['a/2'],
      passed: ['a/3', 'c/1'],
      sentence: 'A | B.',
    }),
    record({ id: 'two', verdict: 'unseen', reason: 'Nobody looks.' }),
  ]
  const lines = describeMatrix(proof({ faults })).split('\n')
  expect(lines).toContain('### area')
  expect(lines).toContain('| `one` | A \\| B. | killed | a 2/3, b 1/1 |')
  expect(lines).toContain('| `two` | It is wrong. | unseen: Nobody looks. |  |')
})
