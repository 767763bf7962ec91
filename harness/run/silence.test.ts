import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunnerSilentError, Silence } from './silence.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

async function isBroken(silence: Silence): Promise<boolean> {
  return await Promise.race([
    silence.broken.catch((error: unknown) => error instanceof RunnerSilentError),
    Promise.resolve(false).then(() => false),
  ])
}

test('who is never heard of is silent once the first limit is over, and not before', async () => {
  const silence = new Silence(1_000)
  await vi.advanceTimersByTimeAsync(999)
  expect(await isBroken(silence)).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await isBroken(silence)).toBe(true)
})

test('who was heard of has as long as was said then', async () => {
  const silence = new Silence(1_000)
  silence.heard(5_000)
  await vi.advanceTimersByTimeAsync(4_999)
  expect(await isBroken(silence)).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await isBroken(silence)).toBe(true)
})

test('after the end nobody is silent', async () => {
  const silence = new Silence(1_000)
  silence.end()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await isBroken(silence)).toBe(false)
})
