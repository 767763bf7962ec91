import { isDead, readProcessStat } from './process-stat.ts'

/**
 * A process, told apart from later ones that the kernel gives the same pid: the pid and the start time in clock
 * ticks since boot (field 22 of /proc/PID/stat).
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: bigint
}

/**
 * Identifies the process that has this pid now. Undefined when there is none, also for a pid that is not a positive
 * integer (runtimes report pid 0 for a stopped container).
 *
 * @param options.ended `true` also identifies a zombie, whose exit status `waitForExit` can still collect; otherwise
 * zombies count as gone.
 */
export function identifyProcess(
  pid: number,
  { ended = false }: { readonly ended?: boolean } = {},
): ProcessIdentity | undefined {
  if (!isProcessId(pid)) return undefined
  const stat = readProcessStat(pid)
  if (stat === undefined || (isDead(stat) && !ended)) return undefined
  return { pid, startTime: stat.startTime }
}

/** Whether exactly this process still runs: same pid, same start time, not a zombie. */
export function isProcessAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.startTime === startTime
}

/** Whether a number can be a process's pid: 0 and negative ones name groups of processes, see kill(2). */
export function isProcessId(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0
}
