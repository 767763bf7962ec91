import { describe, expect, test } from 'vitest'
import { outcomes } from '../suite/index.ts'
import { mergeResults } from './merge-results.ts'
import { parseResults, ResultsError } from './read-results.ts'
import { reportWith, requirementWith, resultsOf } from './report.fixture.ts'
import type { Results } from './results.ts'

const catalogue = new Map(
  ['kill-sends-signal', 'state-reports'].map((id) => [id, requirementWith({ id })] as const),
)
const tests = outcomes.flatMap((outcome, position) =>
  ['kill', 'state'].map((suite) =>
    reportWith({
      id: `${suite}/t${position}`,
      suite,
      outcome,
      covers: [...catalogue.keys()].slice(position % 2),
    }),
  ),
)

/** A part of the run, as it is read from its file. */
function part(index: number, total: number, changes: Parameters<typeof resultsOf>[1] = {}): Results {
  const own = tests.filter((_test, position) => position % total === index - 1).reverse()
  return parseResults(
    JSON.stringify(resultsOf(own, { catalogue, shard: { index, total }, ...changes })),
    'part',
  )
}

function named(...results: readonly Results[]) {
  return results.map((result, position) => ({ name: `part ${position + 1}`, results: result }))
}

test.each([1, 2, 3, 5, 12, 13])('%d shards give what one run gives', (total) => {
  const parts = Array.from({ length: total }, (_, position) => part(position + 1, total))
  expect(mergeResults(named(...parts.reverse()))).toEqual(resultsOf(tests, { catalogue }))
})

test('what was left behind, went wrong or is missing stays', () => {
  const merged = mergeResults(
    named(
      part(1, 2, { leaks: [{ kind: 'mount', what: '/x' }], planned: 10 }),
      part(2, 2, { errors: ['the worker died'], wallMs: 5_000, startedAt: '2025-12-31T00:00:00.000Z' }),
    ),
  )
  expect(merged).toMatchObject({
    leaks: [{ kind: 'mount', what: '/x' }],
    errors: ['the worker died'],
    planned: 16,
    wallMs: 5_000,
    startedAt: '2025-12-31T00:00:00.000Z',
  })
})

test('runs of two runtimes stand beside each other', () => {
  const crun = {
    name: 'crun',
    command: '/usr/bin/crun',
    profile: 'crun',
    version: '1',
    specVersion: '1',
    lacks: [],
    leaves: [],
  }
  const other = resultsOf([reportWith({ runtime: 'crun' })], { catalogue, runtimes: [crun] })
  const merged = mergeResults(named(resultsOf([reportWith()], { catalogue }), other))
  expect(merged.runtimes.map(({ name }) => name)).toEqual(['runc', 'crun'])
  expect(merged.requirements).toHaveLength(4)
})

describe('what cannot be put together is refused with its name', () => {
  test.each([
    ['nothing', [], 'no results'],
    ['a missing shard', named(part(1, 3), part(3, 3)), 'of the shards 1 to 3 of runc these are missing: 2'],
    [
      'a test that ran twice',
      named(part(1, 1), part(1, 1)),
      'kill/t0 on runc ran twice: it is in part 1 and in part 2',
    ],
  ])('%s', (_what, parts, message) => {
    expect(() => mergeResults(parts)).toThrow(ResultsError)
    expect(() => mergeResults(parts)).toThrow(message)
  })

  test('a runtime of another version', () => {
    const [runtime] = part(1, 2).runtimes
    const other = { ...part(2, 2), runtimes: runtime === undefined ? [] : [{ ...runtime, version: '1.3.6' }] }
    expect(() => mergeResults(named(part(1, 2), other))).toThrow('runc in part 2 is another one')
  })
})
