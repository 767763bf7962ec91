import type { JsonPath } from '../../json/path.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import type { LinuxResources } from '../../schema/resources.ts'
import type { Check, Subject } from '../check.ts'
import { isCpuList } from '../cpu-list.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

type Resources = DeepReadonly<LinuxResources>

const top: JsonPath = ['linux', 'resources']

/** The limits set through cgroups. */
export const checkResources: Check = function* ({ spec: { linux }, entries }) {
  const { resources } = linux ?? {}
  yield* cpuLists([
    [[...top, 'cpu', 'cpus'], resources?.cpu?.cpus],
    [[...top, 'cpu', 'mems'], resources?.cpu?.mems],
    [['linux', 'memoryPolicy', 'nodes'], linux?.memoryPolicy?.nodes],
  ])
  if (resources === undefined) return
  yield* checkMemory(resources)
  yield* checkCpu(resources)
  yield* checkOthers(resources, entries)
}

function* cpuLists(
  lists: readonly (readonly [path: JsonPath, list: string | undefined])[],
): Iterable<Finding> {
  for (const [path, list] of lists) {
    if (list === undefined || isCpuList(list)) continue
    const message = `must be a list such as 0-3,7, but is ${show(list)}`
    yield { code: 'CPU_LIST_MALFORMED', path, value: list, message }
  }
}

const sizes = ['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'] as const

function* checkMemory({ memory }: Resources): Iterable<Finding> {
  if (memory === undefined) return
  const path = [...top, 'memory']
  for (const name of sizes) {
    const size = memory[name]
    if (size === undefined || size >= -1) continue
    const message = `must be a number of bytes, or -1 for unlimited, but is ${size}`
    yield { code: 'MEMORY_LIMIT_RANGE', path: [...path, name], value: size, message }
  }
  const { limit = -1, swap = -1, swappiness } = memory
  if (limit > 0 && swap > 0 && swap < limit) {
    const message = `counts memory and swap together, so it must not be below the limit ${limit}, but is ${swap}`
    yield { code: 'MEMORY_SWAP_BELOW_LIMIT', path: [...path, 'swap'], value: swap, message }
  }
  if (swappiness !== undefined && swappiness > 100) {
    const message = `must be between 0 and 100, but is ${swappiness}`
    yield { code: 'MEMORY_SWAPPINESS_RANGE', path: [...path, 'swappiness'], value: swappiness, message }
  }
  for (const name of ['kernel', 'kernelTCP'] as const) {
    if (memory[name] === undefined) continue
    const message = 'is discouraged: kernels no longer have this limit'
    yield { code: 'MEMORY_KERNEL_DISCOURAGED', path: [...path, name], value: memory[name], message }
  }
}

function* checkCpu({ cpu }: Resources): Iterable<Finding> {
  const { quota, burst, idle } = cpu ?? {}
  if (quota !== undefined && burst !== undefined && quota > 0 && burst > quota) {
    const message = `must not be over the quota ${quota}, but is ${burst}`
    yield { code: 'CPU_BURST_OVER_QUOTA', path: [...top, 'cpu', 'burst'], value: burst, message }
  }
  if (idle !== undefined && idle !== 0 && idle !== 1) {
    yield {
      code: 'CPU_IDLE_RANGE',
      path: [...top, 'cpu', 'idle'],
      value: idle,
      message: `must be 0 or 1, but is ${idle}`,
    }
  }
}

function* checkOthers(resources: Resources, entries: Subject['entries']): Iterable<Finding> {
  const { pids, blockIO, rdma = {}, unified = {} } = resources
  if (pids?.limit !== undefined && pids.limit < -1) {
    const message = `must be a number of tasks, or -1 for unlimited, but is ${pids.limit}`
    yield { code: 'PIDS_LIMIT_RANGE', path: [...top, 'pids', 'limit'], value: pids.limit, message }
  }
  for (const [place, device] of entries(blockIO?.weightDevice)) {
    if (device.weight !== undefined || device.leafWeight !== undefined) continue
    const path = [...top, 'blockIO', 'weightDevice', place]
    const message = 'must have a weight or a leafWeight'
    yield { code: 'WEIGHT_DEVICE_WITHOUT_WEIGHT', path, value: device, message }
  }
  for (const [name, limits] of Object.entries(rdma)) {
    if (limits.hcaHandles !== undefined || limits.hcaObjects !== undefined) continue
    const message = 'must have hcaHandles or hcaObjects'
    yield { code: 'RDMA_EMPTY', path: [...top, 'rdma', name], value: limits, message }
  }
  for (const [name, value] of Object.entries(unified)) {
    if (name !== '' && !name.includes('/')) continue
    const message = `must be named after a file of the cgroup, but is ${show(name)}`
    yield { code: 'UNIFIED_KEY_NOT_A_FILE', path: [...top, 'unified', name], value, message }
  }
}
