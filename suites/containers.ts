import { atThisPace, until } from '../harness/host/index.ts'
import { observeProcess, type ProcessObservation } from '../harness/probe/index.ts'
import type { Container, ContainerProcess, RunResult } from '../harness/runtime/index.ts'
import { type Need, NothingObservedError } from '../harness/suite/index.ts'

/** What pausing a container takes beside the five operations of the specification. */
export const pauseNeeds: readonly Need[] = ['runtime:pause', 'cgroup-freezer']

/** How long an effect may take to show on a busy machine, in milliseconds. */
export const patienceMs = atThisPace(10_000)

/**
 * Starts a created container and brings it to its end. Tests that need any stopped container use this: whether one
 * that was never started can be killed, other tests ask.
 */
export async function startAndEnd(container: Container): Promise<RunResult> {
  await container.start()
  return await endOf(container)
}

/** Kills a container's process and waits for its end. */
export async function endOf(container: Container): Promise<RunResult> {
  await container.kill('SIGKILL')
  return await untilEnded(container)
}

/** Waits for the end of a process that is due: one that does not come in time is the runtime's fault. */
export async function untilEnded(process: Pick<ContainerProcess, 'wait'>): Promise<RunResult> {
  return await process.wait({ timeoutMs: patienceMs })
}

/** Waits until a process has printed exactly this, and no more. */
export async function untilPrinted(process: ContainerProcess, text: string): Promise<void> {
  await until(async () => (await process.stdout()) === text || undefined, {
    timeoutMs: patienceMs,
    what: `process ${process.pid} to print ${JSON.stringify(text)}`,
  })
}

/** The pid of a container's first process, as the host sees it. */
export function pidOf({ id, init }: Container): number {
  if (init.pid === undefined) throw new NothingObservedError(`container ${id} has no process to look at`)
  return init.pid
}

/** What the kernel says of a container's first process. */
export function observeInit(container: Container): ProcessObservation {
  return observeProcess(pidOf(container))
}
