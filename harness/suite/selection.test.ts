import { expect, test } from 'vitest'
import { suite } from './declaration.ts'
import { selectTests, shardTests, UnknownSelectionError } from './selection.ts'

const suites = ['kill', 'state'].map((name) =>
  suite(name, ({ test: declare }) => {
    for (const title of ['one', 'two', 'three']) declare(title, { covers: [] }, async () => {})
  }),
)

function idsOf(selected: typeof suites): string[] {
  return selected.flatMap(({ tests }) => tests.map(({ id }) => id))
}

test('without a name everything is selected', () => {
  expect(idsOf(selectTests(suites, []))).toHaveLength(6)
})

test('a suite name selects the suite, a test id the test', () => {
  expect(idsOf(selectTests(suites, ['state', 'kill/two']))).toEqual([
    'kill/two',
    'state/one',
    'state/two',
    'state/three',
  ])
})

test('an unknown name is refused, with what there is', () => {
  expect(() => selectTests(suites, ['kill', 'stat'])).toThrow(UnknownSelectionError)
  expect(() => selectTests(suites, ['stat'])).toThrow("'stat'; the suites are kill, state")
})

test('the shards of a selection share no test and leave none out', () => {
  const parts = [1, 2, 3, 4].map((index) => idsOf(shardTests(suites, { index, total: 4 })))
  expect(parts.flat().sort()).toEqual(idsOf(suites).sort())
  expect(Math.max(...parts.map(({ length }) => length))).toBe(2)
})

test('each part gets some of every suite where nothing was timed', () => {
  const [first] = [1, 2].map((index) => idsOf(shardTests(suites, { index, total: 2 })))
  expect(first).toEqual(['kill/one', 'kill/three', 'state/two'])
})

test('parts take about the same time where tests were timed, and the untimed count as the middle one', () => {
  const durations = {
    'kill/one': 900,
    'kill/two': 100,
    'kill/three': 200,
    'state/one': 300,
    'state/two': 300,
  }
  const parts = [1, 2].map((index) => idsOf(shardTests(suites, { index, total: 2, durations })))
  expect(parts).toEqual([
    ['kill/one', 'kill/three'],
    ['kill/two', 'state/one', 'state/two', 'state/three'],
  ])
})
