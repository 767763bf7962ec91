import { probeNeed, RunwrightError, taskHeadroom } from '../host/index.ts'

/** The command needs a privilege that this process does not have. */
class NoPrivilegeError extends RunwrightError {
  override readonly code = 'NO_PRIVILEGE'
}

/** @throws NoPrivilegeError when this process cannot run containers */
export async function requirePrivilege(): Promise<void> {
  const root = await probeNeed('root')
  if (root.met) return
  throw new NoPrivilegeError(
    `running containers takes root: ${root.reason}; ${root.remedy}\n` +
      "'runwright doctor' shows what this host lacks, 'runwright list' what would run",
  )
}

/** What the test runner and its worker take, in processes and threads, and each container under way beside them. */
const tasksOfRunner = 60
const tasksOfJob = 15

/** This host lets the command start too few processes. */
class TooFewTasksError extends RunwrightError {
  override readonly code = 'TOO_FEW_TASKS'
}

/**
 * Native code of the test runner hangs for good where it cannot start its threads, so that is found out before.
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
