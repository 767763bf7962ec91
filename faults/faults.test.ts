import { expect, test } from 'vitest'
import { checkFaults } from '../harness/fault/index.ts'
import { catalogue, suites } from '../suites/index.ts'
import { faults } from './index.ts'

test('every fault has an id of its own and violates requirements that exist', () => {
  expect(() => checkFaults(faults, catalogue)).not.toThrow()
})

test('every suite and test that a fault names exists', () => {
  const known = new Set(suites.flatMap(({ name, tests }) => [name, ...tests.map(({ id }) => id)]))
  expect(
    faults.flatMap(({ tests = [], requires = [] }) =>
      [...tests, ...requires].filter((name) => !known.has(name)),
    ),
  ).toEqual([])
})

test('every sentence is one', () => {
  const wrong = faults.filter(({ sentence }) => !/^[A-Z].*\.$/.test(sentence))
  expect(wrong.map(({ id }) => id)).toEqual([])
})
