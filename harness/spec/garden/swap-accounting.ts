import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The limit of memory and swap together, in every cgroup of version 1 that can have one. */
const v1Limit = '/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'

/** The limit of swap of version 2, in every cgroup but the root. */
const v2Root = '/sys/fs/cgroup'
const v2Limit = 'memory.swap.max'

/** Whether the kernel can limit swap: it offers the file for it. */
export function hasSwapAccounting(cgroup: 'v1' | 'v2'): boolean {
  return cgroup === 'v1' ? existsSync(v1Limit) : hasV2SwapLimit()
}

/** The root cgroup has no limits, so one below it is asked; in a container the root seen here may be none. */
function hasV2SwapLimit(): boolean {
  const below = readdirSync(v2Root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(v2Root, entry.name))
  return [v2Root, ...below].some((directory) => existsSync(join(directory, v2Limit)))
}
