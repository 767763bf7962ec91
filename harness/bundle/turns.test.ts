import { describe, expect, test } from 'vitest'
import { Turns } from './turns.ts'

function later<Value>() {
  let resolve: (value: Value) => void = () => undefined
  let reject: (reason: Error) => void = () => undefined
  const promise = new Promise<Value>((...settle) => {
    ;[resolve, reject] = settle
  })
  return { promise, resolve, reject }
}

describe('Turns', () => {
  test('calls about one name act in the order they were made, however long each takes to prepare', async () => {
    const turns = new Turns()
    const acted: string[] = []
    const slow = later<string>()
    const act = async (what: string) => void acted.push(what)
    const first = turns.take('x', slow.promise, act)
    const second = turns.take('x', Promise.resolve('second'), act)
    const other = turns.take('y', Promise.resolve('other'), act)
    await other
    expect(acted).toEqual(['other'])
    slow.resolve('first')
    await Promise.all([first, second])
    expect(acted).toEqual(['other', 'first', 'second'])
  })

  test('an action ends before the next begins', async () => {
    const turns = new Turns()
    const running = later<void>()
    let ended = false
    const first = turns.take('x', Promise.resolve(), async () => {
      await running.promise
      ended = true
    })
    const second = turns.take('x', Promise.resolve(), async () => ended)
    running.resolve()
    expect(await second).toBe(true)
    await first
  })

  test('a failure in preparing is told at once, and does not let the next call go ahead of an earlier one', async () => {
    const turns = new Turns()
    const slow = later<string>()
    const acted: string[] = []
    const act = async (what: string) => void acted.push(what)
    const first = turns.take('x', slow.promise, act)
    await expect(turns.take('x', Promise.reject(new Error('no')), act)).rejects.toThrow('no')
    const third = turns.take('x', Promise.resolve('third'), act)
    slow.resolve('first')
    await Promise.all([first, third])
    expect(acted).toEqual(['first', 'third'])
  })

  test('a failed action does not hold up the next', async () => {
    const turns = new Turns()
    const first = turns.take('x', Promise.resolve(), () => Promise.reject(new Error('no')))
    const second = turns.take('x', Promise.resolve(), async () => 'done')
    await expect(first).rejects.toThrow('no')
    expect(await second).toBe('done')
  })
})
