import type { ChildProcess } from 'node:child_process'
import { forkProgram } from '../host/index.ts'

let ahead: ChildProcess | undefined

/**
 * Starts the worker of the run that a command line asks for, before the modules are loaded that know what it asks for: the
 * worker takes as long to load. Nobody waits for it, and it ends with this process, if there is no run after all.
 *
 * @param args of the command line
 */
export function startWorkerAhead([command, ...options]: readonly string[]): void {
  if (command !== 'run' || options.some((option) => elsewhere.has(option))) return
  ahead = forkProgram('harness/run/worker-program.js')
  ahead.once('error', () => undefined) // whoever takes none starts one, and is told
  ahead.unref()
  ahead.channel?.unref()
}

/** Options with which nothing is run here, or where nothing is gained: an emulated guest has no processor to spare. */
const elsewhere: ReadonlySet<string> = new Set(['--vm', '--help', '-h'])

/** The worker that was started ahead, if there is one that could be started. It is given away once. */
export function takeWorkerAhead(): ChildProcess | undefined {
  const worker = ahead
  ahead = undefined
  if (worker?.pid === undefined) return undefined
  worker.ref()
  worker.channel?.ref()
  return worker
}
