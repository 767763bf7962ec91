import { readFileSync } from 'node:fs'

/** What the harness reads of /proc/PID/stat, proc_pid_stat(5). */
export interface ProcessStat {
  /** Of the first thread: `R`, `S`, `D`, …; `Z` and `X` when it has ended. */
  readonly state: string
  readonly parent: number
  readonly threads: number
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
  return { state, parent: Number(parent), threads: Number(fields[17]), startTime: BigInt(fields[19] ?? '') }
}

function readStatLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined // ENOENT, or ESRCH when it ended between open and read
  }
}

/** Whether a process has ended, collected or not: its first thread may be a zombie while others still run. */
export function isDead({ state, threads }: ProcessStat): boolean {
  return (state === 'Z' && threads <= 1) || state === 'X' || state === 'x'
}
