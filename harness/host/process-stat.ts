import { readFileSync } from 'node:fs'

/** What the harness reads of /proc/PID/stat, proc_pid_stat(5). */
export interface ProcessStat {
  /** `R`, `S`, `D`, …; `Z` and `X` are dead. */
  readonly state: string
  readonly parent: number
  /** In clock ticks since boot. */
  readonly startTime: bigint
}

/** Reads a process's stat line; undefined when there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const line = readStatLine(pid)
  if (line === undefined) return undefined
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state = '', parent = ''] = fields
  return { state, parent: Number(parent), startTime: BigInt(fields[19] ?? '') }
}

function readStatLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined // ENOENT, or ESRCH when it ended between open and read
  }
}

/** Whether the state is that of a process that has ended, collected or not. */
export function isDead({ state }: ProcessStat): boolean {
  return state === 'Z' || state === 'X' || state === 'x'
}
