import { expect, test } from 'vitest'
import { Chance } from './chance.ts'

const draws = (seed: number, count = 1_000) => {
  const chance = new Chance(seed)
  return Array.from({ length: count }, () => chance.next())
}

test('the same seed gives the same numbers, another seed gives others', () => {
  expect(draws(7)).toEqual(draws(7))
  expect(draws(7)).not.toEqual(draws(8))
})

test('numbers lie from 0 up to 1 and are spread over all of it', () => {
  const numbers = draws(1, 10_000)
  const tenths = new Set(numbers.map((number) => Math.floor(number * 10)))
  expect([...tenths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('each thing is chosen about as often as its weight says, and one without weight never', () => {
  const chance = new Chance(3)
  const counts = new Map<string, number>()
  for (let draw = 0; draw < 4_000; draw += 1) {
    const chosen = chance.choose(['never', 'once', 'thrice'], (name) =>
      ['never', 'once', '', 'thrice'].indexOf(name),
    )
    counts.set(chosen ?? '', (counts.get(chosen ?? '') ?? 0) + 1)
  }
  expect([...counts.keys()].sort()).toEqual(['once', 'thrice'])
  expect((counts.get('thrice') ?? 0) / (counts.get('once') ?? 1)).toBeCloseTo(3, 0)
})

test('of nothing, nothing is chosen', () => {
  expect(new Chance(1).choose([], () => 1)).toBeUndefined()
})

test('what has no probability never happens, what is certain always does', () => {
  const chance = new Chance(5)
  for (let draw = 0; draw < 100; draw += 1) {
    expect(chance.happens(0)).toBe(false)
    expect(chance.happens(1)).toBe(true)
  }
})
