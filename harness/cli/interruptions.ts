/** Signals that ask a run to stop. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Signals this close to each other, in milliseconds, are one wish: npm and timeout(1) pass on to their child what
 * the terminal has sent to the whole group already.
 */
const sameWishMs = 500

/**
 * Hears the signals that ask to stop. The first aborts `signal`, so that the run can clean up and say what it
 * has; the second ends the process at once, and the session's reaper cleans up behind it.
 */
export function interruptions(output: {
  write(text: string): unknown
}): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  let firstHeardAt = Number.POSITIVE_INFINITY
  const hear = (name: NodeJS.Signals) => {
    if (performance.now() - firstHeardAt > sameWishMs) process.exit(130)
    if (controller.signal.aborted) return
    firstHeardAt = performance.now()
    output.write(`\n${name}: stopping and cleaning up; once more stops at once\n`)
    controller.abort(new Error(`stopped by ${name}`))
  }
  for (const name of stopSignals) process.on(name, hear)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of stopSignals) process.off(name, hear)
    },
  }
}
