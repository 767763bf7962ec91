import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { collectExit } from './exit-collection.ts'
import type { ExitStatus } from './exit-status.ts'
import { openProcessDescriptor } from './process-descriptor.ts'
import { isProcessAlive, type ProcessIdentity } from './process-identity.ts'
import { readProcessStat } from './process-stat.ts'
import { type ReadinessOptions, whenReady } from './readiness.ts'
import { closeDescriptor } from './system-calls.ts'

/** How long a zombie's parent, such as a runtime about to exit, may take to leave it to this process. */
const handOverMs = 1000

/**
 * Waits for a process to end.
 *
 * @param options.signal ends the wait, not the process.
 * @param options.background `true` lets the Node process end meanwhile.
 * @returns how it ended, when it was reparented to this process (see `becomeSubreaper`), also when that was collected
 * earlier. Undefined when it ended but the status is not ours to know: a child of Node's own (ask its ChildProcess),
 * a child of another process, or one that ended unseen.
 */
export async function waitForExit(
  identity: ProcessIdentity,
  options: ReadinessOptions = {},
): Promise<ExitStatus | undefined> {
  await waitForEnd(identity, options)
  // Two turns of the event loop let Node collect a child that it started before it could tell us of any.
  await nextTurn()
  await nextTurn()
  return collectWhenHandedOver(identity)
}

/** Waits for a process to end, and leaves its status to whoever collects it. Options as for `waitForExit`. */
export async function waitForEnd(identity: ProcessIdentity, options: ReadinessOptions = {}): Promise<void> {
  options.signal?.throwIfAborted()
  const descriptor = openProcessDescriptor(identity.pid)
  if (descriptor === 'gone') return
  if (descriptor === 'unsupported') return whenSeenEnded(identity, options)
  try {
    // Not asked for being alive: the first thread of a process may be a zombie while others still run.
    if (stillHasPid(identity)) await whenReady(descriptor, 'readable', options)
  } finally {
    closeDescriptor(descriptor)
  }
}

function stillHasPid({ pid, startTime }: ProcessIdentity): boolean {
  return readProcessStat(pid)?.startTime === startTime
}

async function whenSeenEnded(identity: ProcessIdentity, options: ReadinessOptions): Promise<void> {
  while (isProcessAlive(identity)) {
    options.signal?.throwIfAborted()
    await delay(20, undefined, { ref: !options.background })
  }
}

async function collectWhenHandedOver(identity: ProcessIdentity): Promise<ExitStatus | undefined> {
  const deadline = performance.now() + handOverMs
  while (mayBeHandedOver(identity) && performance.now() < deadline) await delay(5)
  return collectExit(identity)
}

/** Whether the process is a zombie whose parent descends from this process: when the parent ends, it comes to us. */
function mayBeHandedOver({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readProcessStat(pid)
  if (stat?.startTime !== startTime || stat.state !== 'Z') return false
  return stat.parent !== process.pid && mayDescendFromUs(stat.parent)
}

function mayDescendFromUs(pid: number): boolean {
  if (pid === process.pid) return true
  const stat = readProcessStat(pid)
  if (stat === undefined) return true // it has just ended: look again
  return stat.parent > 0 && mayDescendFromUs(stat.parent)
}
