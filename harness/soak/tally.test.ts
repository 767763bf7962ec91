import { expect, test } from 'vitest'
import { Tally } from './tally.ts'

test('actions are counted by how they ended, in the order asked for, also those that never happened', () => {
  const tally = new Tally()
  tally.add('start', 'done', 30)
  tally.add('start', 'done', 10)
  tally.add('start', 'done', 20)
  tally.add('start', 'killed', 1)
  tally.add('exec', 'surprising', 5)
  expect(tally.total).toBe(5)
  expect(tally.counts(['exec', 'start', 'ps'])).toEqual([
    { name: 'exec', done: 0, killed: 0, surprising: 1, medianMs: undefined, longestMs: undefined },
    { name: 'start', done: 3, killed: 1, surprising: 0, medianMs: 20, longestMs: 30 },
    { name: 'ps', done: 0, killed: 0, surprising: 0, medianMs: undefined, longestMs: undefined },
  ])
})
