import { expect, test } from 'vitest'
import { eventOf } from './stats.ts'

test('a stats event has its measurements', () => {
  const data = { cpu: { usage: { total: 2n ** 60n } }, pids: { current: 3, limit: 17 }, new: {} }
  expect(eventOf({ type: 'stats', id: 'a', data })).toEqual({ type: 'stats', id: 'a', stats: data, data })
})

test('an event without data, as that of a container out of memory', () => {
  expect(eventOf({ type: 'oom', id: 'a' })).toEqual({
    type: 'oom',
    id: 'a',
    stats: undefined,
    data: undefined,
  })
})

test.each([
  undefined,
  null,
  3,
  'oom',
  [],
  {},
  { type: 3 },
  { type: 'stats' },
  { type: 'stats', data: { pids: 3 } },
])('%j is no event', (value) => {
  expect(eventOf(value)).toBeUndefined()
})
