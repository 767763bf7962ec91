import { startCollectingOrphans } from './orphans.ts'
import { setChildSubreaper } from './system-calls.ts'

let done = false

/**
 * Makes this process the parent of all its orphaned descendants (PR_SET_CHILD_SUBREAPER, PR_SET_CHILD_SUBREAPER(2const)),
 * such as a container's init once the runtime has exited, so that `waitForExit` can tell how they ended. Those that
 * nobody waits for are collected too. Calling it again does nothing.
 */
export function becomeSubreaper(): void {
  if (done) return
  setChildSubreaper()
  startCollectingOrphans()
  done = true
}
