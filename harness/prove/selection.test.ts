import { expect, test } from 'vitest'
import { suite } from '../suite/index.ts'
import { fault } from './proof.fixture.ts'
import { bystandersOf, coveringTests, sampleOf, unrelatedTests } from './selection.ts'

const nothing = async () => undefined
const suites = [
  suite('one', ({ test: declare }) => {
    declare('first', { covers: ['it'] }, nothing)
    declare('second', { covers: ['that'] }, nothing)
  }),
  suite('two', ({ test: declare }) => {
    declare('first', { covers: ['that', 'it'] }, nothing)
    declare('second', { covers: [] }, nothing)
  }),
  suite('three', ({ test: declare }) => declare('first', { covers: [] }, nothing)),
]

const idsOf = (tests: readonly { readonly id: string }[]) => tests.map(({ id }) => id)

test.each([
  ['what it violates', fault({ violates: ['it'] }), ['one/first', 'two/first']],
  ['a suite that it names', fault({ violates: [], tests: ['two'] }), ['two/first', 'two/second']],
  [
    'a test that it names',
    fault({ violates: ['it'], tests: ['three/first'] }),
    ['one/first', 'two/first', 'three/first'],
  ],
  [
    'everything',
    fault({ violates: 'everything' }),
    ['one/first', 'one/second', 'two/first', 'two/second', 'three/first'],
  ],
])('a fault is to be noticed by the tests of %s', (_what, violating, ids) => {
  expect(idsOf(coveringTests(violating, suites))).toEqual(ids)
})

test('a test of every suite is looked at beside, but of none that has to notice', () => {
  const sample = sampleOf(suites)
  expect(idsOf(sample)).toEqual(['one/first', 'two/first', 'three/first'])
  expect(idsOf(unrelatedTests(sample, coveringTests(fault({ violates: ['it'] }), suites)))).toEqual([
    'three/first',
  ])
})

test('three of a large sample are run beside a fault, always the same, and over many faults all', () => {
  const sample = Array.from({ length: 26 }, (_, position) => `suite-${position}/first`)
  const faults = Array.from({ length: 200 }, (_, position) => fault({ id: `fault-${position}` }))
  const chosen = faults.map((one) => bystandersOf(one, sample))
  expect(new Set(chosen.map((ids) => new Set(ids).size))).toEqual(new Set([3]))
  expect(new Set(chosen.flat())).toEqual(new Set(sample))
  expect(bystandersOf(fault({ id: 'fault-7' }), sample)).toEqual(chosen[7])
  expect(bystandersOf(fault(), sample.slice(0, 2))).toEqual(sample.slice(0, 2))
})
