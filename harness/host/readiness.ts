import { watchDescriptor } from './system-calls.ts'

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
export async function whenReady(
  descriptor: number,
  direction: 'readable' | 'writable',
  { signal, background = false }: ReadinessOptions = {},
): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = deferred()
  const watch = watchDescriptor(descriptor, direction, resolve)
  if (background) watch.unref()
  // Stopped at once, so that whoever aborts may close the descriptor right after.
  const onAbort = () => {
    watch.stop()
    reject(signal?.reason)
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
    watch.stop()
  }
}

interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

function deferred(): Deferred {
  let settle: Omit<Deferred, 'promise'> = { resolve: () => undefined, reject: () => undefined }
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle }
}
