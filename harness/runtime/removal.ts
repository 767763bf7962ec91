import { DeadlineError, type ProcessIdentity, signalProcess, waitForExit } from '../host/index.ts'
import { stateIn } from './answers.ts'
import type { Driver } from './driver.ts'
import { RuntimeError } from './errors.ts'
import type { FinishedCommand } from './finished-command.ts'
import { recordedInit } from './init-record.ts'
import type { OwnDirectory } from './own-directories.ts'
import { processIn } from './pid-file.ts'
import { pidFileIn } from './process-command.ts'
import { deleteWords } from './verb-arguments.ts'

/** How long a killed process may take to end before another way is tried: a paused one does not die. */
const killMs = 500
/** How long one command may take that cleans up. */
const cleanUpMs = 10_000

/** One attempt at making a container. */
export interface Attempt extends OwnDirectory {
  readonly id: string
}

/**
 * Does what makes a container; when that fails, removes what the runtime and the harness have left of it. A container
 * that had the id before is not touched.
 */
export async function orNothing<T>(driver: Driver, attempt: Attempt, make: () => Promise<T>): Promise<T> {
  const startedAt = Date.now()
  try {
    return await make()
  } catch (error) {
    const leftover = await removeAttempt(driver, attempt, startedAt)
    throw error instanceof RuntimeError && leftover !== undefined ? error.withLeftover(leftover) : error
  }
}

async function removeAttempt(
  driver: Driver,
  attempt: Attempt,
  startedAt: number,
): Promise<string | undefined> {
  const { id, path, isFirst } = attempt
  await endProcessOf(path)
  const leftover = isFirst && driver.mayHold(id) ? await removeRemains(driver, id, startedAt) : undefined
  // What is still there stays in the records, for whoever cleans up the session.
  if (leftover === undefined) driver.directories.remove(path)
  return leftover
}

/** Kills the process that a pid file in this directory names, and waits for its end. */
export async function endProcessOf(directory: string): Promise<void> {
  const identity = processIn(pidFileIn(directory))
  if (identity !== undefined) await kill(identity, killMs)
}

async function kill(identity: ProcessIdentity, patienceMs: number): Promise<void> {
  signalProcess(identity, 'SIGKILL')
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(new DeadlineError('it did not die in time')), patienceMs)
  await waitForExit(identity, { signal: deadline.signal }).catch(() => undefined)
  clearTimeout(timer)
}

/** @returns what could not be removed */
async function removeRemains(driver: Driver, id: string, startedAt: number): Promise<string | undefined> {
  const state = await driver.commands.run({ words: ['state', id], timeoutMs: cleanUpMs, isCleanUp: true })
  if (wasThereBefore(state, startedAt)) return undefined
  const deletion = await forceDelete(driver, id, cleanUpMs)
  return deletion.isSuccess ? undefined : `container ${id}: ${deletion.failure().message.split('\n')[0]}`
}

/** Whether it is another's container, which this attempt was rightly refused for. */
function wasThereBefore(state: FinishedCommand, startedAt: number): boolean {
  try {
    const { created } = stateIn(state)
    return typeof created === 'string' && Date.parse(created) < startedAt
  } catch {
    return false // the runtime knows of no such container
  }
}

async function forceDelete(driver: Driver, id: string, timeoutMs: number): Promise<FinishedCommand> {
  return await driver.commands.run({ words: deleteWords(id, { force: true }), timeoutMs, isCleanUp: true })
}

/**
 * Removes a container whatever state it is in, and takes it out of the records: kills its init, waits for that,
 * deletes; one that does not die is resumed first. Also works when the driver's own signal has fired.
 *
 * @throws RuntimeError when the runtime still will not delete it at the deadline
 */
export async function removeContainer(driver: Driver, id: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  const left = () => Math.max(0, deadline - performance.now())
  const init = recordedInit(driver.directories.of(id))
  let refusal: RuntimeError | undefined
  for (;;) {
    if (init !== undefined) await kill(init, Math.min(killMs, left()))
    const deletion = await forceDelete(driver, id, Math.max(1, left()))
    if (deletion.isSuccess || (await isGone(driver, id))) break
    // What the runtime gave as its reason says more than that the last attempt was cut off by the deadline.
    if (refusal === undefined || deletion.end.kind !== 'timed-out') refusal = deletion.failure()
    if (left() === 0) throw refusal
    await driver.commands.run({ words: ['resume', id], timeoutMs: Math.max(1, left()), isCleanUp: true })
  }
  driver.closeConsoles(id)
  driver.forget(id)
}

async function isGone(driver: Driver, id: string): Promise<boolean> {
  const state = await driver.commands.run({ words: ['state', id], timeoutMs: cleanUpMs, isCleanUp: true })
  return state.end.kind === 'exited' && state.end.exitCode !== 0 && !driver.mayHold(id)
}
