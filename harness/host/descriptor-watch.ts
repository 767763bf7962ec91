import { isMainThread } from 'node:worker_threads'
import { type DescriptorWatch, type Direction, isReady, watchDescriptor } from './system-calls.ts'

/** A descriptor that is being watched. */
export interface Watch {
  /** After this the descriptor may be closed. Stopping again does nothing. */
  stop(): void
  /** Lets Node end although this watch is on. */
  unref(): void
}

const lookIntervalMs = 5

/**
 * Watches a descriptor until told to stop: in the event loop, which costs no thread and no time, but in the main
 * thread only. A worker thread can be terminated without notice, and koffi aborts the whole process when one of its
 * watches fires then; there the descriptor is looked at every few milliseconds.
 *
 * @param onReady called, possibly again and again, while the descriptor is ready.
 */
export function startWatch(descriptor: number, direction: Direction, onReady: () => void): Watch {
  return isMainThread
    ? watchInLoop(descriptor, direction, onReady)
    : watchByTimer(descriptor, direction, onReady)
}

/** Held here because koffi closes a watch that is garbage. */
const watches = new Set<DescriptorWatch>()
let closesAtExit = false

function watchInLoop(descriptor: number, direction: Direction, onReady: () => void): Watch {
  closeAllAtExit()
  // Called in the loop's next phase: promises settled inside koffi's callback would be handled late.
  const watch = watchDescriptor(descriptor, direction, () => setImmediate(onReady))
  watches.add(watch)
  return { stop: () => close(watch), unref: () => watch.unref() }
}

function close(watch: DescriptorWatch): void {
  if (watches.delete(watch)) watch.close()
}

function closeAllAtExit(): void {
  if (closesAtExit) return
  closesAtExit = true
  process.on('exit', () => watches.forEach(close))
}

function watchByTimer(descriptor: number, direction: Direction, onReady: () => void): Watch {
  const timer = setInterval(() => isReady(descriptor, direction) && onReady(), lookIntervalMs)
  return { stop: () => clearInterval(timer), unref: () => timer.unref() }
}
