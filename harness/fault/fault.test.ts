import { describe, expect, test } from 'vitest'
import { all } from './effect.ts'
import { checkFaults, type Fault, FaultsError, selectFaults, UnknownFaultError } from './fault.ts'

function fault(id: string, members: Partial<Fault> = {}): Fault {
  return { id, area: 'area', violates: ['known'], sentence: 'It is wrong.', effect: all(), ...members }
}

const requirements = new Set(['known'])

describe('a catalogue of faults', () => {
  test('is good with what is known, with tests alone, and with everything', () => {
    const good = [
      fault('a-1'),
      fault('b', { violates: [], tests: ['suite'] }),
      fault('c', { violates: 'everything' }),
    ]
    expect(() => checkFaults(good, requirements)).not.toThrow()
  })

  test.each([
    ['an id twice', [fault('a'), fault('a')], "'a' stands twice"],
    ['an id of another form', [fault('A b')], "'A b' is not in kebab case"],
    [
      'a requirement that is none',
      [fault('a', { violates: ['unknown'] })],
      "'unknown', which is no requirement",
    ],
    ['a fault that nothing has to notice', [fault('a', { violates: [] })], "'a' names nothing"],
  ])('is refused with %s', (_what, faults, message) => {
    expect(() => checkFaults(faults, requirements)).toThrow(FaultsError)
    expect(() => checkFaults(faults, requirements)).toThrow(message)
  })
})

describe('faults', () => {
  const faults = [fault('a', { area: 'one' }), fault('b', { area: 'two' }), fault('c', { area: 'two' })]

  test.each([
    [[], ['a', 'b', 'c']],
    [['b'], ['b']],
    [
      ['two', 'a'],
      ['a', 'b', 'c'],
    ],
  ])('are chosen by %j', (names, chosen) => {
    expect(selectFaults(faults, names).map(({ id }) => id)).toEqual(chosen)
  })

  test('that do not exist are an error which names what there is', () => {
    expect(() => selectFaults(faults, ['three'])).toThrow(UnknownFaultError)
    expect(() => selectFaults(faults, ['three'])).toThrow('the areas are one, two')
  })
})
