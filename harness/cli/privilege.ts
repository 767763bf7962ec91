import { probeNeed, RunwrightError, taskHeadroom } from '../host/index.ts'

/** The command needs a privilege that this process does not have. */
class NoPrivilegeError extends RunwrightError {
  override readonly code = 'NO_PRIVILEGE'
}

/**
 * @param need what the command takes: any containers, or root
 * @throws NoPrivilegeError when this process does not have it
 */
export async function requirePrivilege(need: 'containers' | 'root'): Promise<void> {
  const verdict = await probeNeed(need)
  if (verdict.met) return
  throw new NoPrivilegeError(
    `${lack[need]}: ${verdict.reason}; ${verdict.remedy}\n` +
      "'runwright run --vm' runs the suites as root in a virtual machine, and takes no privilege\n" +
      "'runwright doctor' shows what this host lacks, 'runwright list' what would run",
  )
}

const lack = { containers: 'no container can be made', root: 'the command takes root' } as const

/** What the command and its worker take at most, with vite for a user's modules, in processes and threads, and each container under way beside them. */
const tasksOfRunner = 60
const tasksOfJob = 15

/** This host lets the command start too few processes. */
class TooFewTasksError extends RunwrightError {
  override readonly code = 'TOO_FEW_TASKS'
}

/**
 * A run that can start too few processes would fail here and there; vite's native code even hangs for good where it
 * cannot start its threads. So that is found out before.
 *
 * @param jobs tests under way at once
 * @throws TooFewTasksError
 */
export function requireTasks(jobs: number): void {
  const headroom = taskHeadroom()
  const wanted = tasksOfRunner + jobs * tasksOfJob
  if (headroom === undefined || headroom.left >= wanted) return
  throw new TooFewTasksError(
    `${jobs} jobs take ${wanted} processes and threads, and ${headroom.cgroup} has room for ${headroom.left}: ` +
      'raise its pids.max (in a container: --pids-limit), or give fewer --jobs',
  )
}
