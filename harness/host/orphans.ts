import { childrenOfFirstThread, collectExit } from './exit-collection.ts'
import { readProcessStat } from './process-stat.ts'

/**
 * Some runtimes wait for a helper of theirs to be collected before they call a container deleted (gVisor's runsc for its
 * gofer): as long as this they take for nothing.
 */
const lookIntervalMs = 50

/** Zombies that were there at the last look, with their start times. */
let sighted: ReadonlyMap<number, bigint> = new Map()

/**
 * Collects, from now on, orphans that were reparented to this process and that nobody waits for: as zombies they
 * would keep their pid namespace, and so their container, from ending. Their statuses are kept for `waitForExit`.
 *
 * A zombie is collected when two looks have seen it. Node's event loop turns between the looks, in this thread, so it
 * has had its chance to collect a child of its own. To be called once.
 */
export function startCollectingOrphans(): void {
  const lookAgain = () => {
    look()
    // A timer alone would not do: those that are overdue run one after the other, without a turn of the loop between.
    setImmediate(() => setTimeout(lookAgain, lookIntervalMs).unref()).unref()
  }
  lookAgain()
}

function look(): void {
  const zombies = childrenOfFirstThread().flatMap((pid) => {
    const stat = readProcessStat(pid)
    return stat?.state === 'Z' ? [[pid, stat.startTime] as const] : []
  })
  for (const [pid, startTime] of zombies) {
    if (sighted.get(pid) === startTime) collectExit({ pid, startTime })
  }
  sighted = new Map(zombies)
}
