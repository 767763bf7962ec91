import { randomBytes } from 'node:crypto'
import { identifyProcess, isProcessAlive } from '../host/index.ts'

const pattern = /^\.partial-([^-]+)-(\d+)-(\d+)-[0-9a-f]+$/

/**
 * A new name for something that is not complete yet. It says what it will become and which process works on it, so
 * that what a killed process left behind can be told from what a living one is making.
 *
 * @param purpose without dashes or slashes
 */
export function partialName(purpose: string): string {
  const startTime = identifyProcess(process.pid)?.startTime ?? 0n
  return `.partial-${purpose}-${process.pid}-${startTime}-${randomBytes(6).toString('hex')}`
}

/** Whether a name is one of these and its process has ended. */
export function isAbandoned(name: string): boolean {
  return isWorkerAlive(name) === false
}

/** Whether a name is one of these, for this purpose, and its process is at work. */
export function isUnderWay(name: string, purpose: string): boolean {
  return pattern.exec(name)?.[1] === purpose && isWorkerAlive(name) === true
}

function isWorkerAlive(name: string): boolean | undefined {
  const [, , pid, startTime] = pattern.exec(name) ?? []
  if (pid === undefined || startTime === undefined) return undefined
  return isProcessAlive({ pid: Number(pid), startTime: BigInt(startTime) })
}
