import { expect, test } from 'vitest'
import { Deadline } from './deadline.ts'

test('a deadline has time left, of which parts can be taken in whole milliseconds', () => {
  const deadline = new Deadline(10_000)
  expect(deadline.hasPassed).toBe(false)
  expect(deadline.remainingMs).toBeGreaterThan(9_000)
  expect(deadline.share(1 / 3)).toBeLessThanOrEqual(3334)
  expect(Number.isInteger(deadline.share(1 / 3))).toBe(true)
  expect(deadline.share(1, 50)).toBe(50)
})

test('a deadline that has passed has nothing left', () => {
  const deadline = new Deadline(-1)
  expect(deadline.hasPassed).toBe(true)
  expect(deadline.remainingMs).toBe(0)
  expect(deadline.share(0.5)).toBe(0)
})
