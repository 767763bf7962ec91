/** Signals on which vitest would end this process. */
const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Does something, and takes back whatever handlers of stop signals it has put up. vitest's own end the process at
 * once; when a run ends is for its launcher to say, who has to clean up first.
 */
export async function withoutForeignSignalHandlers<Result>(action: () => Promise<Result>): Promise<Result> {
  const ours = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]))
  try {
    return await action()
  } finally {
    for (const [signal, before] of ours) {
      for (const listener of process.listeners(signal)) {
        if (!before.has(listener)) process.off(signal, listener)
      }
    }
  }
}
