import { unitProperty } from '../harness/host/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import type { LinuxResources } from '../harness/spec/index.ts'
import type { Need } from '../harness/suite/index.ts'
import { lastProcessor } from './limits.ts'
import { mebibyte } from './programs.ts'
import { readFromScope, scopeOf } from './systemd-units.ts'

/** Where a limit shows: as a property of the scope and in a file of its cgroup, each in its own words. */
export interface UnitLimit {
  readonly resources: () => LinuxResources
  readonly property: string
  readonly says: () => string | RegExp
  readonly file: string
  readonly holds: () => string | RegExp
  readonly needs: readonly Need[]
}

/** A limit for which systemd has the words of the kernel. */
function alike(
  says: string | RegExp | (() => string),
  limit: Omit<UnitLimit, 'says' | 'holds' | 'resources'> & {
    readonly resources: LinuxResources | (() => LinuxResources)
  },
): UnitLimit {
  const text = typeof says === 'function' ? says : () => says
  const { resources } = limit
  return {
    ...limit,
    resources: typeof resources === 'function' ? resources : () => resources,
    says: text,
    holds: text,
  }
}

const quota = { cpu: { quota: 40_000, period: 80_000 } } as const

/** Limits of a configuration, none of which is what systemd gives a scope by itself. */
export const configuredLimits: Readonly<Record<string, UnitLimit>> = {
  'memory limit': alike(String(48 * mebibyte), {
    resources: { memory: { limit: 48 * mebibyte } },
    property: 'MemoryMax',
    file: 'memory.max',
    needs: ['cgroup-memory'],
  }),
  'memory reservation': alike(String(24 * mebibyte), {
    resources: { memory: { reservation: 24 * mebibyte } },
    property: 'MemoryLow',
    file: 'memory.low',
    needs: ['cgroup-memory-reservation'],
  }),
  'limit of swap': alike(String(32 * mebibyte), {
    resources: { memory: { limit: 48 * mebibyte, swap: 80 * mebibyte } },
    property: 'MemorySwapMax',
    file: 'memory.swap.max',
    needs: ['cgroup-memory-swap'],
  }),
  'unified value of memory.high': alike(String(40 * mebibyte), {
    resources: { unified: { 'memory.high': String(40 * mebibyte) } },
    property: 'MemoryHigh',
    file: 'memory.high',
    needs: ['cgroup-memory'],
  }),
  // Shares become a weight, see the suite of the cpu.
  'cpu weight': alike(/^(20|59)$/, {
    resources: { cpu: { shares: 512 } },
    property: 'CPUWeight',
    file: 'cpu.weight',
    needs: ['cgroup-cpu'],
  }),
  'cpu quota': {
    resources: () => quota,
    property: 'CPUQuotaPerSecUSec',
    says: () => '500ms',
    file: 'cpu.max',
    holds: () => '40000 80000',
    needs: ['cgroup-cpu'],
  },
  'cpu period': {
    resources: () => quota,
    property: 'CPUQuotaPeriodUSec',
    says: () => '80ms',
    file: 'cpu.max',
    holds: () => '40000 80000',
    needs: ['cgroup-cpu'],
  },
  'limit of tasks': alike('123', {
    resources: { pids: { limit: 123 } },
    property: 'TasksMax',
    file: 'pids.max',
    needs: ['cgroup-pids'],
  }),
  'set of processors': alike(lastProcessor, {
    resources: () => ({ cpu: { cpus: lastProcessor() } }),
    property: 'AllowedCPUs',
    file: 'cpuset.cpus',
    needs: ['cgroup-cpuset', 'two-processors'],
  }),
}

/** What limits of a running container are changed to. */
export const changedLimits: Readonly<Record<string, UnitLimit>> = {
  'memory limit': alike(String(64 * mebibyte), {
    resources: { memory: { limit: 64 * mebibyte } },
    property: 'MemoryMax',
    file: 'memory.max',
    needs: ['cgroup-memory'],
  }),
  'cpu weight': alike(/^(79|174)$/, {
    resources: { cpu: { shares: 2048 } },
    property: 'CPUWeight',
    file: 'cpu.weight',
    needs: ['cgroup-cpu'],
  }),
  'limit of tasks': alike('321', {
    resources: { pids: { limit: 321 } },
    property: 'TasksMax',
    file: 'pids.max',
    needs: ['cgroup-pids'],
  }),
}

/** One of the two places where a limit shows. */
interface Place {
  /** The end of a sentence about the limit. */
  readonly where: string
  readonly read: (container: Container) => Promise<readonly (string | undefined)[]>
  readonly shows: () => RegExp
}

/** Where to look for a limit: what systemd says is not yet in force, and what is in force systemd may not know of. */
export function placesOf({ property, says, file, holds }: UnitLimit): readonly Place[] {
  return [
    {
      where: `is the property ${property} of its scope`,
      read: async (container) => [await unitProperty(scopeOf(container) ?? '', property)],
      shows: () => asPattern(says()),
    },
    {
      where: 'is in force in its scope',
      read: async (container) => readFromScope(container, file),
      shows: () => asPattern(holds()),
    },
  ]
}

/** A text has to match as a whole. */
function asPattern(text: string | RegExp): RegExp {
  return typeof text === 'string' ? new RegExp(`^${text}$`) : text
}
