import { configuration, type Fault } from '../harness/fault/index.ts'
import { type JsonObject, withoutValue } from '../harness/spec/index.ts'
import { configuredObject, objectAt, objectsIn } from './configured.ts'

/** A limit that a runtime knows nothing of: its place below linux.resources, and how a sentence calls it. */
type Lost = readonly [area: string, what: string, path: string, violates: readonly string[]]

const limits: readonly Lost[] = [
  ['memory', 'memory limit', 'memory.limit', ['memory-limit-optional']],
  ['memory', 'memory reservation', 'memory.reservation', ['memory-reservation-optional']],
  ['memory', 'swap limit', 'memory.swap', ['memory-swap-optional']],
  ['memory', 'swappiness', 'memory.swappiness', ['memory-swappiness-optional']],
  [
    'memory',
    'wish for no out-of-memory killer',
    'memory.disableOOMKiller',
    ['memory-disableoomkiller-optional'],
  ],
  ['cpu', 'cpu shares', 'cpu.shares', ['cpu-shares-optional']],
  ['cpu', 'cpu quota', 'cpu.quota', ['cpu-quota-optional']],
  ['cpu', 'cpu period', 'cpu.period', ['cpu-period-optional']],
  ['cpu', 'cpu burst', 'cpu.burst', ['cpu-burst-optional']],
  ['cpu', 'wish for idle scheduling', 'cpu.idle', ['cpu-idle-optional']],
  ['cpu', 'realtime runtime', 'cpu.realtimeRuntime', ['cpu-realtimeruntime-optional']],
  ['cpu', 'realtime period', 'cpu.realtimePeriod', ['cpu-realtimeperiod-optional']],
  ['cpu', 'list of processors', 'cpu.cpus', ['cpu-cpus-optional']],
  ['pids', 'limit of tasks', 'pids.limit', ['pids-optional', 'pids-limit-optional']],
  ['blkio', 'block weight', 'blockIO.weight', ['blockio-weight-optional']],
  ['blkio', 'block weight of a device', 'blockIO.weightDevice', ['blockio-weightdevice-optional']],
  ['blkio', 'limit of bytes read', 'blockIO.throttleReadBpsDevice', ['blockio-throttle-bps-optional']],
  ['blkio', 'limit of bytes written', 'blockIO.throttleWriteBpsDevice', ['blockio-throttle-bps-optional']],
  ['blkio', 'limit of reads', 'blockIO.throttleReadIOPSDevice', ['blockio-throttle-iops-optional']],
  ['blkio', 'limit of writes', 'blockIO.throttleWriteIOPSDevice', ['blockio-throttle-iops-optional']],
  ['hugetlb', 'limit of huge pages', 'hugepageLimits', ['hugetlb-optional', 'hugetlb-rsvd-when-supported']],
  ['network', 'network class', 'network.classID', ['network-classid-optional']],
  ['network', 'list of network priorities', 'network.priorities', ['network-priorities-optional']],
  ['rdma', 'list of rdma limits', 'rdma', ['rdma-optional', 'rdma-both']],
  ['unified', 'unified list', 'unified', ['unified-optional', 'unified-missing-controller-errors']],
]

function lostLimit([area, what, path, violates]: Lost): Fault {
  return {
    id: `${what.replaceAll(/[^a-z]+/g, '-')}-lost`,
    area: `resources-${area}`,
    violates,
    sentence: `The runtime passes over the ${what} of a configuration.`,
    effect: configuration(withoutValue(`linux.resources.${path}`)),
  }
}

/** Resources that have to be refused and are not, because the runtime makes something else of them. */
interface Lenient {
  readonly id: string
  readonly area: string
  readonly violates: readonly string[]
  readonly sentence: string
  readonly accept: (resources: JsonObject) => void
}

/** The lists of devices with a rate each. */
export const throttleLists = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const

/** Keeps some members of the lists that limit the rates of devices. */
function keepingThrottles(resources: JsonObject, keep: (device: JsonObject) => boolean): void {
  const blockIO = objectAt(resources, 'blockIO')
  for (const name of throttleLists)
    if (blockIO?.[name] !== undefined) blockIO[name] = objectsIn(blockIO[name]).filter(keep)
}

function onMember(
  path: readonly string[],
  change: (object: JsonObject) => void,
): (resources: JsonObject) => void {
  return (resources) => {
    const object = objectAt(resources, ...path)
    if (object !== undefined) change(object)
  }
}

/** Takes a member out where its value is one that nobody can have. */
function withoutImpossible(path: readonly string[], name: string, isImpossible: (value: string) => boolean) {
  return onMember(path, (object) => {
    if (isImpossible(String(object[name] ?? ''))) delete object[name]
  })
}

const lenient: readonly Lenient[] = [
  {
    id: 'swap-below-memory-raised',
    area: 'memory',
    violates: ['memory-swap-optional'],
    sentence: 'The runtime raises a swap limit that is below the memory limit instead of refusing it.',
    accept: onMember(['memory'], (memory) => {
      const { limit = -1, swap = -1 } = memory
      if (Number(swap) >= 0 && Number(swap) < Number(limit)) memory['swap'] = limit
    }),
  },
  {
    id: 'swappiness-cut-to-100',
    area: 'memory',
    violates: ['memory-swappiness-optional'],
    sentence: 'The runtime takes a swappiness above 100 for 100.',
    accept: onMember(['memory'], (memory) => {
      if (Number(memory['swappiness'] ?? 0) > 100) memory['swappiness'] = 100
    }),
  },
  {
    id: 'processors-that-do-not-exist-ignored',
    area: 'cpu',
    violates: ['cpu-cpus-optional'],
    sentence: 'The runtime passes over processors that the machine does not have.',
    accept: withoutImpossible(['cpu'], 'cpus', (list) => /\d{4}/.test(list)),
  },
  {
    id: 'processors-that-are-no-list-ignored',
    area: 'cpu',
    violates: ['cpu-cpus-optional'],
    sentence: 'The runtime passes over a list of processors that it cannot read.',
    accept: withoutImpossible(['cpu'], 'cpus', (list) => /[^0-9,-]/.test(list)),
  },
  {
    id: 'memory-nodes-that-do-not-exist-ignored',
    area: 'cpu',
    violates: ['cpu-mems-optional'],
    sentence: 'The runtime passes over memory nodes that the machine does not have.',
    accept: withoutImpossible(['cpu'], 'mems', (list) => /\d{4}/.test(list)),
  },
  {
    id: 'cpu-burst-above-quota-dropped',
    area: 'cpu',
    violates: ['cpu-burst-not-above-quota', 'cpu-quota-not-below-burst'],
    sentence: 'The runtime drops a cpu burst above the quota in silence.',
    accept: onMember(['cpu'], (cpu) => {
      if (Number(cpu['burst'] ?? 0) > Number(cpu['quota'] ?? 0)) delete cpu['burst']
    }),
  },
  {
    id: 'throttle-of-unknown-device-ignored',
    area: 'blkio',
    violates: ['blockio-throttle-bps-optional', 'blockio-throttle-iops-optional'],
    sentence: 'The runtime passes over rates of devices that the machine does not have.',
    accept: (resources) => keepingThrottles(resources, ({ major }) => major !== 4095),
  },
  {
    id: 'throttle-without-device-ignored',
    area: 'blkio',
    violates: ['blockio-throttle-bps-numbers-required', 'blockio-throttle-iops-numbers-required'],
    sentence: 'The runtime passes over rates that name no device.',
    accept: (resources) => keepingThrottles(resources, ({ major }) => major !== undefined),
  },
  {
    id: 'throttle-without-rate-ignored',
    area: 'blkio',
    violates: ['blockio-throttle-bps-rate-required', 'blockio-throttle-iops-rate-required'],
    sentence: 'The runtime passes over devices in a list of rates that have none.',
    accept: (resources) => keepingThrottles(resources, ({ rate }) => rate !== undefined),
  },
  {
    id: 'block-weight-cut-to-1000',
    area: 'blkio',
    violates: ['blockio-weight-optional'],
    sentence: 'The runtime takes a block weight above 1000 for 1000.',
    accept: onMember(['blockIO'], (blockIO) => {
      if (Number(blockIO['weight'] ?? 0) > 1000) blockIO['weight'] = 1000
    }),
  },
  {
    id: 'weighted-device-without-numbers-ignored',
    area: 'blkio',
    violates: ['blockio-weightdevice-numbers-required'],
    sentence: 'The runtime passes over weights that name no device.',
    accept: onMember(['blockIO'], (blockIO) => {
      const weighted = objectsIn(blockIO['weightDevice'])
      if (weighted.some(({ major }) => major === undefined)) delete blockIO['weightDevice']
    }),
  },
  {
    id: 'huge-pages-of-unknown-size-ignored',
    area: 'hugetlb',
    violates: ['hugetlb-pagesize-format', 'hugetlb-pagesize-required'],
    sentence: 'The runtime passes over limits of huge pages of a size that no machine has.',
    accept: (resources) => {
      const limits = objectsIn(resources['hugepageLimits'])
      if (limits.some(({ pageSize }) => !/^(2M|1G|64K|512M|16M|16G)B$/.test(String(pageSize))))
        delete resources['hugepageLimits']
    },
  },
  {
    id: 'huge-pages-without-limit-unlimited',
    area: 'hugetlb',
    violates: ['hugetlb-limit-required'],
    sentence: 'The runtime passes over a limit of huge pages that says no number.',
    accept: (resources) => {
      const limits = objectsIn(resources['hugepageLimits'])
      if (limits.some(({ limit }) => limit === undefined)) delete resources['hugepageLimits']
    },
  },
  {
    id: 'network-priority-incomplete-ignored',
    area: 'network',
    violates: ['network-priority-name-required', 'network-priority-priority-required'],
    sentence: 'The runtime passes over network priorities that lack the interface or the number.',
    accept: onMember(['network'], (network) => {
      const priorities = objectsIn(network['priorities'])
      if (priorities.some(({ name, priority }) => name === undefined || priority === undefined))
        delete network['priorities']
    }),
  },
]

function lenientFault({ id, area, violates, sentence, accept }: Lenient): Fault {
  return {
    id,
    area: `resources-${area}`,
    violates,
    sentence,
    effect: configuredObject(['linux', 'resources'], accept),
  }
}

/** Limits of every kind that are lost, and wrong ones that are accepted. */
export const resources: readonly Fault[] = [...limits.map(lostLimit), ...lenient.map(lenientFault)]
