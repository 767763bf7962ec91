import type { ChildProcess } from 'node:child_process'
import { forkProgram, guestVariable } from '../host/index.ts'

let ahead: ChildProcess | undefined

/**
 * Starts the worker of the run that a command line asks for, before the modules are loaded that know what it asks for: the
 * worker takes as long to load. Nobody waits for it, and it ends with this process, if there is no run after all.
 *
 * @param args of the command line
 */
export function startWorkerAhead([command, ...options]: readonly string[]): void {
  if (command !== 'run' || options.some(isWithoutRun)) return
  ahead = forkProgram('harness/run/worker-program.js')
  ahead.once('error', () => undefined) // whoever takes none starts one, and is told
  ahead.unref()
  ahead.channel?.unref()
}

/** Whether nothing is run here with this option: the host only boots the guest in which there is a run. */
function isWithoutRun(option: string): boolean {
  const isGuest = process.env[guestVariable] !== undefined
  return ['--help', '-h'].includes(option) || (option === '--vm' && !isGuest)
}

/** The worker that was started ahead, if there is one that could be started. It is given away once. */
export function takeWorkerAhead(): ChildProcess | undefined {
  const worker = ahead
  ahead = undefined
  if (worker?.pid === undefined) return undefined
  worker.ref()
  worker.channel?.ref()
  return worker
}
