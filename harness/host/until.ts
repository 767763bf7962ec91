import { setTimeout as delay } from 'node:timers/promises'
import { RunwrightError } from './errors.ts'

/** Something that was waited for did not happen in time. */
export class DeadlineError extends RunwrightError {
  override readonly code = 'DEADLINE'
}

export interface UntilOptions {
  /** How long to wait, in milliseconds; the check is made at least once, and once more at the end. */
  readonly timeoutMs: number
  /** What is waited for, for the error: completes "waited 500 ms in vain for …". */
  readonly what: string
  /** Milliseconds between two checks; 10 unless told. */
  readonly intervalMs?: number
  /** Ends the wait early; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

type NotYet = undefined | null | false
type Check<Value> = () => Value | NotYet | Promise<Value | NotYet>

/**
 * Repeats a check until it gives something, and gives that. `undefined`, `null` and `false` mean "not yet"; what the
 * check throws ends the wait.
 *
 * @throws DeadlineError, which names what was waited for.
 */
export async function until<Value>(
  check: Check<Value>,
  { timeoutMs, what, intervalMs = 10, signal }: UntilOptions,
): Promise<Exclude<Value, NotYet>> {
  const deadline = new AbortController()
  const error = new DeadlineError(`waited ${timeoutMs} ms in vain for ${what}`)
  const timer = setTimeout(() => deadline.abort(error), timeoutMs)
  try {
    return await repeat(check, intervalMs, deadline.signal, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Repeats the check until the deadline, and once more then: a machine that stood still must not fail what is there. */
async function repeat<Value>(
  check: Check<Value>,
  intervalMs: number,
  deadline: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<Exclude<Value, NotYet>> {
  const end = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const ended = rejectionOf(end)
  for (;;) {
    signal?.throwIfAborted()
    const value = await Promise.race([check(), ended])
    if (isThere(value)) return value
    if (deadline.aborted) throw deadline.reason
    await delay(intervalMs, undefined, { signal: end }).catch(() => undefined)
  }
}

/** A promise that is rejected with the signal's reason, for a check that never ends. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  promise.catch(() => undefined) // the race may be over by then
  return promise
}

function isThere<Value>(value: Value | NotYet): value is Exclude<Value, NotYet> {
  return value !== undefined && value !== null && value !== false
}
