import { expect, test } from 'vitest'
import { DeadlineError, until } from './index.ts'

/** Gives these values one after the other, then the last one for ever. */
function sequence<Value>(...values: readonly Value[]): () => Value | undefined {
  let position = 0
  return () => values[Math.min(position++, values.length - 1)]
}

const options = { timeoutMs: 5000, what: 'something', intervalMs: 1 }

test('gives what the check gives, once it is there', async () => {
  expect(await until(sequence<string | undefined>(undefined, undefined, 'there'), options)).toBe('there')
  expect(await until(sequence(null, 0), options)).toBe(0)
  expect(await until(sequence(false, true), options)).toBe(true)
  expect(await until(async () => '', options)).toBe('')
})

test('names what did not happen, and how long it waited', async () => {
  const wait = until(() => undefined, { ...options, timeoutMs: 20, what: 'the moon to rise' })
  await expect(wait).rejects.toThrow(DeadlineError)
  await expect(wait).rejects.toThrow('waited 20 ms in vain for the moon to rise')
})

test('checks once when there is no time at all', async () => {
  expect(await until(() => 'there', { ...options, timeoutMs: 0 })).toBe('there')
})

test('checks once more when the machine stood still until after the deadline', async () => {
  let stood = false
  const check = () => {
    if (stood) return 'there'
    stood = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
    return undefined
  }
  expect(await until(check, { ...options, timeoutMs: 10 })).toBe('there')
})

test('does not wait longer for a check that never ends', async () => {
  const check = () => new Promise<undefined>(() => undefined)
  await expect(until(check, { ...options, timeoutMs: 20 })).rejects.toThrow(DeadlineError)
})

test('ends with what the check throws', async () => {
  const check = () => {
    throw new Error('broken')
  }
  await expect(until(check, options)).rejects.toThrow('broken')
})

test('ends with the reason of the signal', async () => {
  const controller = new AbortController()
  const wait = until(() => undefined, { ...options, signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(wait).rejects.toThrow('enough')
  await expect(until(() => 'there', { ...options, signal: controller.signal })).rejects.toThrow('enough')
})
