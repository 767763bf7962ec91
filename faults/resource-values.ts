import { before, type Fault } from '../harness/fault/index.ts'
import type { LinuxResources, ThrottleDevice } from '../harness/spec/index.ts'
import { configuredResources, objectAt, refused } from './configured.ts'
import { throttleLists } from './resources.ts'

/** Limits that come out as others than the configuration has. */
interface WrongValue {
  readonly id: string
  readonly area: string
  readonly violates: readonly string[]
  readonly sentence: string
  readonly change: (resources: LinuxResources) => void
}

const mebibyte = 1024 * 1024

const wrongValues: readonly WrongValue[] = [
  {
    id: 'memory-limit-of-32-bits',
    area: 'memory',
    violates: ['memory-limit-optional'],
    sentence: 'The runtime has room for 32 bits of a memory limit.',
    change: ({ memory }) => {
      if (memory?.limit !== undefined && memory.limit > 0)
        memory.limit = BigInt.asUintN(32, BigInt(memory.limit))
    },
  },
  {
    id: 'memory-limit-rounded-up',
    area: 'memory',
    violates: ['memory-limit-optional'],
    sentence: 'The runtime rounds memory limits up to a multiple of 64 MiB.',
    change: ({ memory }) => {
      const limit = Number(memory?.limit ?? 0)
      if (memory !== undefined && limit > 0) memory.limit = Math.ceil(limit / 64 / mebibyte) * 64 * mebibyte
    },
  },
  {
    id: 'memory-limit-by-default',
    area: 'memory',
    violates: ['memory-optional', 'memory-limit-optional'],
    sentence: 'The runtime limits the memory of a container to 512 MiB where the configuration says nothing.',
    change: (resources) => {
      resources.memory = { limit: 512 * mebibyte, ...resources.memory }
    },
  },
  {
    id: 'memory-limit-minus-one-is-default',
    area: 'memory',
    violates: ['memory-limit-optional'],
    sentence: 'The runtime takes a memory limit of -1 for 512 MiB.',
    change: ({ memory }) => {
      if (memory?.limit === -1) memory.limit = 512 * mebibyte
    },
  },
  {
    id: 'memory-reservation-lost-beside-limit',
    area: 'memory',
    violates: ['memory-reservation-optional'],
    sentence: 'The runtime passes over a memory reservation where there is a memory limit, too.',
    change: ({ memory }) => {
      if (memory?.limit !== undefined) delete memory.reservation
    },
  },
  {
    id: 'swap-limit-without-memory',
    area: 'memory',
    violates: ['memory-swap-optional'],
    sentence: 'The runtime takes the swap limit for one of swap alone.',
    change: ({ memory }) => {
      const { limit = 0, swap = 0 } = memory ?? {}
      if (memory !== undefined && limit > 0 && swap > 0) memory.swap = Number(limit) + Number(swap)
    },
  },
  {
    id: 'swap-limit-equal-to-memory-lost',
    area: 'memory',
    violates: ['memory-swap-optional'],
    sentence: 'The runtime passes over a swap limit that equals the memory limit.',
    change: ({ memory }) => {
      if (memory?.swap === memory?.limit) delete memory?.swap
    },
  },
  {
    id: 'swap-limit-minus-one-is-double',
    area: 'memory',
    violates: ['memory-swap-optional'],
    sentence: 'The runtime takes a swap limit of -1 for twice the memory limit.',
    change: ({ memory }) => {
      if (memory?.swap === -1 && memory.limit !== undefined) memory.swap = 2 * Number(memory.limit)
    },
  },
  {
    id: 'swappiness-zero-is-missing',
    area: 'memory',
    violates: ['memory-swappiness-optional'],
    sentence: 'The runtime takes a swappiness of 0 for none.',
    change: ({ memory }) => {
      if (memory?.swappiness === 0) delete memory.swappiness
    },
  },
  {
    id: 'oom-killer-off-for-limited',
    area: 'memory',
    violates: ['memory-disableoomkiller-optional'],
    sentence: 'The runtime turns the out-of-memory killer off wherever there is a memory limit.',
    change: ({ memory }) => {
      if (memory?.limit !== undefined) memory.disableOOMKiller = true
    },
  },
  {
    id: 'memory-limit-lost-where-checked',
    area: 'memory',
    violates: ['memory-checkbeforeupdate-optional'],
    sentence: 'The runtime sets no memory limit where checkBeforeUpdate is given.',
    change: ({ memory }) => {
      if (memory?.checkBeforeUpdate !== undefined) delete memory.limit
    },
  },
  {
    id: 'cpu-shares-at-least-default',
    area: 'cpu',
    violates: ['cpu-shares-optional'],
    sentence: 'The runtime raises cpu shares below 1024 to 1024.',
    change: ({ cpu }) => {
      if (cpu?.shares !== undefined && cpu.shares < 1024) cpu.shares = 1024
    },
  },
  {
    id: 'cpu-quota-cut-to-period',
    area: 'cpu',
    violates: ['cpu-quota-optional'],
    sentence: 'The runtime gives no container more than one processor: it cuts a quota down to the period.',
    change: ({ cpu }) => {
      const { quota = 0, period = 100_000 } = cpu ?? {}
      if (cpu !== undefined && quota > period) cpu.quota = Number(period)
    },
  },
  {
    id: 'cpu-quota-minus-one-is-period',
    area: 'cpu',
    violates: ['cpu-quota-optional'],
    sentence: 'The runtime takes a cpu quota of -1 for one processor.',
    change: ({ cpu }) => {
      if (cpu?.quota === -1) cpu.quota = Number(cpu.period ?? 100_000)
    },
  },
  {
    id: 'cpu-period-lost-without-quota',
    area: 'cpu',
    violates: ['cpu-period-optional'],
    sentence: 'The runtime passes over a cpu period that comes without a quota.',
    change: ({ cpu }) => {
      if (cpu?.quota === undefined) delete cpu?.period
    },
  },
  {
    id: 'cpu-quota-scaled-to-default-period',
    area: 'cpu',
    violates: ['cpu-period-optional', 'cpu-quota-optional'],
    sentence: 'The runtime keeps the share that quota and period stand for, and the default period.',
    change: ({ cpu }) => {
      const { quota = 0, period } = cpu ?? {}
      if (cpu === undefined || period === undefined || quota <= 0) return
      cpu.quota = Math.round((Number(quota) * 100_000) / Number(period))
      delete cpu.period
    },
  },
  {
    id: 'cpu-limits-by-default',
    area: 'cpu',
    violates: ['cpu-optional'],
    sentence: 'The runtime gives a container without cpu limits 512 shares.',
    change: (resources) => {
      resources.cpu ??= { shares: 512 }
    },
  },
  {
    id: 'cpu-burst-equal-to-quota-lost',
    area: 'cpu',
    violates: ['cpu-burst-optional'],
    sentence: 'The runtime takes a cpu burst that equals the quota for one that exceeds it, and drops it.',
    change: ({ cpu }) => {
      if (cpu?.burst !== undefined && cpu.burst === cpu.quota) delete cpu.burst
    },
  },
  {
    id: 'cpu-runtime-is-realtime-period',
    area: 'cpu',
    violates: ['cpu-realtimeperiod-optional'],
    sentence: 'The runtime sets a realtime period of one second whatever the configuration says.',
    change: ({ cpu }) => {
      if (cpu?.realtimePeriod !== undefined) cpu.realtimePeriod = 1_000_000
    },
  },
  {
    id: 'limit-of-tasks-one-too-high',
    area: 'pids',
    violates: ['pids-optional'],
    sentence: 'The runtime lets a container have one task more than its limit.',
    change: ({ pids }) => {
      if (pids?.limit !== undefined && pids.limit > 0) pids.limit = Number(pids.limit) + 1
    },
  },
  {
    id: 'limit-of-tasks-by-default',
    area: 'pids',
    violates: ['pids-optional', 'pids-limit-optional'],
    sentence: 'The runtime limits a container to 1024 tasks where the configuration says nothing.',
    change: (resources) => {
      resources.pids = { limit: 1024, ...resources.pids }
    },
  },
  {
    id: 'limit-of-tasks-minus-one-is-default',
    area: 'pids',
    violates: ['pids-limit-optional'],
    sentence: 'The runtime takes a limit of -1 tasks for 1024.',
    change: ({ pids }) => {
      if (pids?.limit === -1) pids.limit = 1024
    },
  },
  {
    id: 'limit-of-tasks-zero-is-missing',
    area: 'pids',
    violates: ['pids-limit-zero-is-valid'],
    sentence: 'The runtime takes a limit of 0 tasks for none.',
    change: ({ pids }) => {
      if (pids?.limit === 0) delete pids.limit
    },
  },
  {
    id: 'block-weight-on-another-scale',
    area: 'blkio',
    violates: ['blockio-weight-optional'],
    sentence: 'The runtime divides the block weight by two.',
    change: ({ blockIO }) => {
      if (blockIO?.weight !== undefined) blockIO.weight = Math.trunc(blockIO.weight / 2)
    },
  },
  {
    id: 'throttle-only-first-list',
    area: 'blkio',
    violates: ['blockio-optional'],
    sentence: 'The runtime limits rates of one kind, the first that a configuration has.',
    change: ({ blockIO }) => {
      const [, ...others] = throttleLists.filter((name) => blockIO?.[name] !== undefined)
      for (const name of others) delete blockIO?.[name]
    },
  },
  {
    id: 'throttle-only-last-list',
    area: 'blkio',
    violates: ['blockio-optional'],
    sentence: 'The runtime limits rates of one kind, the last that a configuration has.',
    change: ({ blockIO }) => {
      const given = throttleLists.filter((name) => blockIO?.[name] !== undefined)
      for (const name of given.slice(0, -1)) delete blockIO?.[name]
    },
  },
  {
    id: 'throttle-bytes-are-kibibytes',
    area: 'blkio',
    violates: ['blockio-throttle-bps-optional'],
    sentence: 'The runtime takes the rate of a device for one in kibibytes.',
    change: ({ blockIO }) => {
      const scaled = (device: ThrottleDevice) => ({ ...device, rate: Number(device.rate) * 1024 })
      for (const name of ['throttleReadBpsDevice', 'throttleWriteBpsDevice'] as const) {
        const devices = blockIO?.[name]
        if (blockIO !== undefined && devices !== undefined) blockIO[name] = devices.map(scaled)
      }
    },
  },
  {
    id: 'rdma-objects-lost',
    area: 'rdma',
    violates: ['rdma-hcaobjects-optional', 'rdma-both'],
    sentence: 'The runtime limits the handles of an rdma device and not its objects.',
    change: ({ rdma = {} }) => {
      for (const device of Object.values(rdma)) delete device.hcaObjects
    },
  },
  {
    id: 'rdma-handles-lost',
    area: 'rdma',
    violates: ['rdma-hcahandles-optional', 'rdma-both'],
    sentence: 'The runtime limits the objects of an rdma device and not its handles.',
    change: ({ rdma = {} }) => {
      for (const device of Object.values(rdma)) delete device.hcaHandles
    },
  },
]

/** A limit that the runtime lifts at the wrong moment, by itself: the option of `update` that does so. */
type Lifted = readonly [id: string, area: string, what: string, option: string, tests: readonly string[]]

const everyProcessor = `"$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)"`

const pidsTest = 'resources-pids/a-process-that-is-executed-in-a-container-counts-towards-its-limit-of-tasks'

const liftedByExec: readonly Lifted[] = [
  ['limit-of-tasks', 'pids', 'limit of tasks', '--pids-limit -1', [pidsTest]],
  [
    'cpu-quota',
    'cpu',
    'cpu quota',
    '--cpu-quota -1',
    ['resources-cpu/a-process-that-is-executed-in-a-container-shares-the-quota-of-the-container'],
  ],
  [
    'processors',
    'cpu',
    'list of processors',
    `--cpuset-cpus ${everyProcessor}`,
    ['resources-cpu/a-process-that-is-executed-in-a-container-runs-on-the-processors-of-the-container'],
  ],
  [
    'memory-limit',
    'memory',
    'memory limit',
    '--memory -1',
    ['resources-memory/a-container-in-which-another-process-outgrows-the-memory-limit-goes-on'],
  ],
]

function lifting(verb: 'exec' | 'start', option: string) {
  return before(verb, `"$REAL" --root "$ROOT" update ${option} "$ID"`)
}

/** Limits that are set, but not as they should be. */
export const resourceValues: readonly Fault[] = [
  ...wrongValues.map(
    ({ id, area, violates, sentence, change }): Fault => ({
      id,
      area: `resources-${area}`,
      violates,
      sentence,
      effect: configuredResources(change),
    }),
  ),
  {
    id: 'memory-nodes-refused',
    area: 'resources-cpu',
    violates: ['cpu-mems-optional'],
    sentence: 'The runtime refuses a list of memory nodes.',
    effect: refused((document) => objectAt(document, 'linux', 'resources', 'cpu')?.['mems'] !== undefined),
  },
  {
    id: 'block-weight-of-1000-refused',
    area: 'resources-blkio',
    violates: ['blockio-weight-optional'],
    sentence: 'The runtime refuses the largest block weight there is.',
    effect: refused((document) => objectAt(document, 'linux', 'resources', 'blockIO')?.['weight'] === 1000),
  },
  ...liftedByExec.map(
    ([id, area, what, option, tests]): Fault => ({
      id: `${id}-lifted-by-exec`,
      area: `resources-${area}`,
      violates: [],
      tests,
      sentence: `The runtime lifts the ${what} of a container when it executes a process in it.`,
      effect: lifting('exec', option),
    }),
  ),
  {
    id: 'limit-of-tasks-lifted-by-start',
    area: 'resources-pids',
    violates: ['pids-optional'],
    sentence: 'The runtime lifts the limit of tasks when it starts the program of a container.',
    effect: lifting('start', '--pids-limit -1'),
  },
  {
    id: 'memory-limit-lifted-by-start',
    area: 'resources-memory',
    violates: ['memory-limit-optional'],
    sentence: 'The runtime lifts the memory limit when it starts the program of a container.',
    effect: lifting('start', '--memory -1'),
  },
]
