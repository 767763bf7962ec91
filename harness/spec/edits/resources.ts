import type { Integer64 } from '../schema/notation.ts'
import type { CpuLimits, LinuxResources, MemoryLimits } from '../schema/resources.ts'
import { changing, type Edit } from './edit.ts'

function changingResources(change: (resources: LinuxResources) => void): Edit {
  return changing((draft) => {
    draft.linux ??= {}
    draft.linux.resources ??= {}
    change(draft.linux.resources)
  })
}

/** Sets members of the resources; what is not named stays, also the device rules. */
export function withResources(members: Partial<LinuxResources>): Edit {
  return changingResources((resources) => Object.assign(resources, structuredClone(members)))
}

/**
 * Limits the memory of the container.
 *
 * @param limit bytes; -1 for no limit.
 * @param others further settings, such as `swap` (memory and swap together, in bytes).
 */
export function withMemoryLimit(limit: Integer64, others: Omit<MemoryLimits, 'limit'> = {}): Edit {
  return changingResources((resources) => {
    resources.memory = { ...resources.memory, ...others, limit }
  })
}

/** Limits the tasks of the container; -1 for no limit. */
export function withPidsLimit(limit: Integer64): Edit {
  return changingResources((resources) => {
    resources.pids = { ...resources.pids, limit }
  })
}

/** Sets members of the CPU limits, such as `quota` and `period` in microseconds; what is not named stays. */
export function withCpuLimits(limits: CpuLimits): Edit {
  return changingResources((resources) => {
    resources.cpu = { ...resources.cpu, ...limits }
  })
}

/** Writes a value to a file of the container's cgroup, on cgroup v2 only; `undefined` takes it out. */
export function withUnified(file: string, value: string | undefined): Edit {
  return changingResources((resources) => {
    const { [file]: _, ...others } = resources.unified ?? {}
    resources.unified = value === undefined ? others : { ...resources.unified, [file]: value }
  })
}
