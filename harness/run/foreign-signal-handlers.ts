/** Signals on which vitest would end this process. */
const signals: readonly (string | symbol)[] = ['SIGINT', 'SIGTERM']

/**
 * Does something, and takes back at once whatever handlers of stop signals it puts up. vitest's own end the process;
 * when a run ends is for its launcher to say, who has to clean up first.
 */
export async function withoutForeignSignalHandlers<Result>(action: () => Promise<Result>): Promise<Result> {
  const refuse = (name: string | symbol, listener: (...args: unknown[]) => void) => {
    // Before the next turn of the event loop, which is the first that could deliver a signal to it.
    if (signals.includes(name)) process.nextTick(() => process.off(name, listener))
  }
  process.on('newListener', refuse)
  try {
    return await action()
  } finally {
    process.off('newListener', refuse)
  }
}
