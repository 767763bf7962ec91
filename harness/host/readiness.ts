import { setMaxListeners } from 'node:events'
import { startWatch } from './descriptor-watch.ts'
import type { Direction } from './system-calls.ts'

export interface ReadinessOptions {
  /** Ends the wait early; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** `true` lets the Node process end while this wait goes on. */
  readonly background?: boolean | undefined
}

/**
 * Waits until a descriptor can be read (or has hung up), or written to, without blocking. One wait at a time for one
 * descriptor, which must stay open until the promise is settled.
 */
export function whenReady(
  descriptor: number,
  direction: Direction,
  { signal, background = false }: ReadinessOptions = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const watch = startWatch(descriptor, direction, () => {
      finish()
      resolve()
    })
    // The watch is stopped at once, so that whoever aborts may close the descriptor right after.
    const onAbort = () => {
      finish()
      reject(signal?.reason)
    }
    const finish = () => {
      watch.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    if (background) watch.unref()
    if (signal !== undefined) setMaxListeners(0, signal) // ten containers under one signal are no leak
    signal?.addEventListener('abort', onAbort)
  })
}
