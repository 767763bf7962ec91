import { describe, expect, test } from 'vitest'
import {
  checkDeviations,
  DeviationsError,
  deviationsWith,
  findDeviation,
  parseDeviations,
} from './deviation.ts'

const recorded = checkDeviations(
  [
    { test: 'delete/refuses-created', runtime: 'runc', versions: '<1.4', reason: 'kills it' },
    { test: 'start/refuses', runtime: 'crun', reason: 'always' },
  ],
  'deviations.json',
)

describe('which record applies', () => {
  test.each([
    ['1.1.5+ds1', true],
    ['1.3.6', true],
    ['1.4.0', false],
    [undefined, false],
    ['unreleased', false],
  ])('version %s of the runtime', (version, applies) => {
    const found = findDeviation(recorded, 'delete/refuses-created', { profile: 'runc', version })
    expect(found !== undefined).toBe(applies)
  })

  test('a record without versions holds for every version, known or not', () => {
    expect(findDeviation(recorded, 'start/refuses', { profile: 'crun', version: undefined })?.reason).toBe(
      'always',
    )
  })

  test('a record of another runtime or test does not apply', () => {
    expect(findDeviation(recorded, 'start/refuses', { profile: 'runc', version: '1.1.5' })).toBeUndefined()
    expect(findDeviation(recorded, 'start/accepts', { profile: 'crun', version: '1' })).toBeUndefined()
  })
})

test('a record of one version of cgroups applies where that one controls resources', () => {
  const [everywhere, unified] = checkDeviations(
    [
      { test: 'a/b', runtime: 'runc', reason: 'x' },
      { test: 'a/b', runtime: 'runc', reason: 'x', cgroup: 'v2' },
    ],
    'deviations.json',
  )
  const all = [everywhere, unified].filter((deviation) => deviation !== undefined)
  expect(deviationsWith('v2', all)).toEqual([everywhere, unified])
  expect(deviationsWith('v1', all)).toEqual([everywhere])
  expect(deviationsWith('hybrid', all)).toEqual([everywhere])
})

test.each([
  ['not a list', {}, '(list)'],
  ['an entry without a reason', [{ test: 'a/b', runtime: 'runc' }], '0.reason'],
  ['an id that is none', [{ test: 'a', runtime: 'runc', reason: 'x' }], '0.test: a test id'],
  ['a range that is none', [{ test: 'a/b', runtime: 'runc', reason: 'x', versions: 'new' }], '0.versions'],
  ['a member nobody knows', [{ test: 'a/b', runtime: 'runc', reason: 'x', excuse: 'y' }], '0.excuse'],
])('%s is refused with its place', (_what, value, place) => {
  expect(() => checkDeviations(value, 'deviations.json')).toThrow(DeviationsError)
  expect(() => checkDeviations(value, 'deviations.json')).toThrow(place)
  expect(() => checkDeviations(value, 'deviations.json')).toThrow('deviations.json')
})

test('a file that is not JSON is refused with its name', () => {
  expect(() => parseDeviations('[{', 'deviations.json')).toThrow(DeviationsError)
  expect(() => parseDeviations('[{', 'deviations.json')).toThrow('deviations.json is not JSON')
  expect(parseDeviations('[]', 'deviations.json')).toEqual([])
})
