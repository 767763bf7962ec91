import type { Treatment } from './treatment.ts'

/** Below what the cgroups of all garden containers are. */
const baseCgroup = 'garden'

/** Where a container's cgroup is; `undefined` leaves it to the runtime. */
export function cgroupsPath(handle: string, treatment: Treatment): string | undefined {
  return treatment.ownCgroup ? `${baseCgroup}/${handle}` : undefined
}
