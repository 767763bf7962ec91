import { atThisPace } from '../host/index.ts'
import { emptyCgroup, removeCgroup } from './cgroup-end.ts'
import { findCgroups } from './cgroup-search.ts'
import { Deadline } from './deadline.ts'
import { commandsRootedIn, endProcesses } from './processes.ts'
import { cgroupMountPoints } from './session-cgroups.ts'
import { bearsPrefix } from './session-name.ts'

/** How long it may take, in milliseconds. */
const sweepMs = atThisPace(5_000)

/**
 * Removes what a runtime has lost sight of, such as a sandbox whose state it has deleted: processes that run for one of
 * its roots, and cgroups of its containers. What is left of one test would take the time of those after it.
 *
 * @param prefix what the names of its containers begin with
 * @param runtimes whose containers they are, with roots that nobody else uses
 */
export async function sweep(prefix: string, runtimes: readonly { readonly root: string }[]): Promise<void> {
  const deadline = new Deadline(sweepMs)
  await endProcesses(
    runtimes.flatMap(({ root }) => commandsRootedIn(root)),
    deadline,
  )
  const cgroups = cgroupMountPoints().flatMap((mountPoint) =>
    findCgroups(mountPoint, (name) => bearsPrefix(name, prefix)),
  )
  for (const path of cgroups) {
    if (await emptyCgroup(path, deadline)) await removeCgroup(path, deadline)
  }
}
