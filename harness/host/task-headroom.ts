import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cgroupLayout } from './cgroup-layout.ts'

/** How many more processes and threads there may be, and where that is said. */
export interface TaskHeadroom {
  readonly left: number
  /** The cgroup whose limit it is. */
  readonly cgroup: string
}

/**
 * Reads how many more processes and threads the cgroups of this process allow (pids.max; the kernel's
 * Documentation/admin-guide/cgroup-v1/pids.rst). The narrowest limit on the way up counts.
 *
 * @returns undefined where nothing limits it
 */
export function taskHeadroom(): TaskHeadroom | undefined {
  const mountPoint = cgroupLayout().controllers.get('pids')
  if (mountPoint === undefined) return undefined
  const limits = waysUp(join(mountPoint, ownCgroup()), mountPoint).flatMap(headroomOf)
  return limits.sort((one, other) => one.left - other.left)[0]
}

/** The path of this process's cgroup within the hierarchy of the controller, or within the v2 hierarchy. */
function ownCgroup(): string {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n')
  const line =
    lines.find((candidate) => /^\d+:([^:]*,)?pids(,[^:]*)?:/.test(candidate)) ??
    lines.find((candidate) => candidate.startsWith('0::'))
  return line?.split(':').slice(2).join(':') ?? '/'
}

/** A directory and those above it, up to and including the top. */
function waysUp(directory: string, top: string): string[] {
  if (directory === top || !directory.startsWith(`${top}/`)) return [top]
  return [directory, ...waysUp(dirname(directory), top)]
}

function headroomOf(cgroup: string): TaskHeadroom[] {
  const [max, current] = ['pids.max', 'pids.current'].map((name) => readNumber(join(cgroup, name)))
  return max === undefined || current === undefined ? [] : [{ left: max - current, cgroup }]
}

/** Undefined for `max`, and where there is no such file, as in the root of a hierarchy. */
function readNumber(path: string): number | undefined {
  try {
    const number = Number.parseInt(readFileSync(path, 'utf8'), 10)
    return Number.isNaN(number) ? undefined : number
  } catch {
    return undefined
  }
}
