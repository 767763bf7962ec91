import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'

/**
 * The children that Node itself started in this thread since this module was loaded, and has not collected yet. If
 * anybody else collected one, its `exit` event would never come.
 */
const children = new Set<ChildProcess>()

// Node announces every child before it starts it, so the pid is looked up later.
subscribe('child_process', (message) => {
  const child = childIn(message)
  if (child === undefined) return
  children.add(child)
  const forget = () => children.delete(child)
  child.once('exit', forget).once('error', () => child.pid === undefined && forget())
})

function childIn(message: unknown): ChildProcess | undefined {
  if (typeof message !== 'object' || message === null || !('process' in message)) return undefined
  return isChildProcess(message.process) ? message.process : undefined
}

function isChildProcess(value: unknown): value is ChildProcess {
  return value instanceof EventEmitter && 'exitCode' in value && 'signalCode' in value
}

/** Whether Node is going to collect this child's exit status itself. */
export function isCollectedByNode(pid: number): boolean {
  return [...children].some((child) => child.pid === pid)
}
