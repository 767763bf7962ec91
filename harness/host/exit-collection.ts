import { readdirSync, readFileSync } from 'node:fs'
import { type ExitStatus, exitStatusOf } from './exit-status.ts'
import { isCollectedByNode } from './node-children.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { readProcessStat } from './process-stat.ts'
import { failedWith } from './system-call-error.ts'
import { collectChild } from './system-calls.ts'

/** Exit statuses outlive their processes, for whoever asks late or twice; the oldest are forgotten. */
const collected = new Map<string, ExitStatus>()
const mostRemembered = 10_000

/** The exit status of a process that this thread has already collected. */
export function collectedStatus(identity: ProcessIdentity): ExitStatus | undefined {
  return collected.get(keyOf(identity))
}

/**
 * Collects the exit status of an ended process that was reparented to this one. Undefined for any other process, in
 * particular for children of Node's own.
 */
export function collectExit(identity: ProcessIdentity): ExitStatus | undefined {
  return collectedStatus(identity) ?? (isOursToCollect(identity) ? collect(identity) : undefined)
}

function isOursToCollect({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readProcessStat(pid)
  return (
    stat?.startTime === startTime &&
    stat.state === 'Z' &&
    stat.parent === process.pid &&
    !isCollectedByNode(pid) &&
    isAdopted(pid)
  )
}

/**
 * Whether a child came to this process as an orphan. The kernel gives orphans to the process's first thread; a child
 * that a worker thread started is listed under the worker and belongs to the worker's event loop.
 */
function isAdopted(pid: number): boolean {
  // A list may lack a child while another one ends, so a child that no list has is looked for again.
  for (let look = 0; look < 10; look++) {
    const thread = threadWithChild(pid)
    if (thread !== undefined) return thread === firstThread
  }
  return true // on a kernel without such lists (CONFIG_PROC_CHILDREN)
}

function threadWithChild(pid: number): number | undefined {
  const threads = readdirSync('/proc/self/task').map(Number)
  return threads.find((thread) => childrenOf(thread).includes(pid))
}

/** A process's first thread has the process's id. */
const firstThread = process.pid

/** Children that this process's first thread has now, orphans that came to it among them; possibly not all. */
export function childrenOfFirstThread(): readonly number[] {
  return childrenOf(firstThread)
}

function childrenOf(thread: number): readonly number[] {
  try {
    const list = readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
    return list.split(' ').filter(Boolean).map(Number)
  } catch {
    return [] // the thread has ended, or the kernel keeps no such list
  }
}

function collect(identity: ProcessIdentity): ExitStatus | undefined {
  const status = exitStatusOfChild(identity.pid)
  if (status !== undefined) remember(identity, status)
  return status
}

function exitStatusOfChild(pid: number): ExitStatus | undefined {
  try {
    const exit = collectChild(pid)
    return exit && exitStatusOf(exit)
  } catch (error) {
    if (failedWith(error, 'ECHILD')) return undefined
    throw error
  }
}

function remember(identity: ProcessIdentity, status: ExitStatus): void {
  collected.set(keyOf(identity), status)
  const [oldest] = collected.keys()
  if (collected.size > mostRemembered && oldest !== undefined) collected.delete(oldest)
}

function keyOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`
}
