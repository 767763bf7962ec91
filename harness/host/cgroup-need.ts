import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { type CgroupLayout, cgroupLayout } from './cgroup-layout.ts'
import { attachDeviceProgram } from './device-program.ts'
import { UnmetNeedError } from './unmet-need-error.ts'

/** What to do with a fresh cgroup to see that a controller works; throws when it does not. */
interface Trial {
  /** The controller, where the trial needs one: v2 has a freezer and device programs without. */
  readonly controller?: string
  readonly carryOut: (cgroup: string) => void
}

/** How a need is tried on each cgroup version; missing where that version has nothing of the kind. */
export interface CgroupTrials {
  readonly v1?: Trial
  readonly v2?: Trial
}

/** One write to a file of a cgroup: of several file names, the first that is there counts. */
type Setting = readonly [file: string | readonly string[], value: string, reads?: string]

const megabytes = (count: number) => String(count * 1024 * 1024)

/** Values are such that no file holds them from the beginning. */
export const cgroupTrials = {
  // Any cgroup at all.
  cgroup: { v1: set('memory'), v2: set(undefined) },
  'cgroup-memory': {
    v1: set('memory', ['memory.limit_in_bytes', megabytes(64)]),
    v2: set('memory', ['memory.max', megabytes(64)]),
  },
  'cgroup-memory-reservation': {
    v1: set('memory', ['memory.soft_limit_in_bytes', megabytes(32)]),
    v2: set('memory', ['memory.low', megabytes(32)]),
  },
  'cgroup-memory-swap': {
    v1: set(
      'memory',
      ['memory.limit_in_bytes', megabytes(64)],
      ['memory.memsw.limit_in_bytes', megabytes(64)],
    ),
    v2: set('memory', ['memory.swap.max', megabytes(64)]),
  },
  'cgroup-memory-swappiness': { v1: set('memory', ['memory.swappiness', '10']) },
  'cgroup-memory-oom-control': { v1: set('memory', ['memory.oom_control', '1', 'oom_kill_disable 1']) },
  'cgroup-memory-kernel': { v1: set('memory', ['memory.kmem.limit_in_bytes', megabytes(32)]) },
  'cgroup-pids': { v1: set('pids', ['pids.max', '64']), v2: set('pids', ['pids.max', '64']) },
  'cgroup-freezer': {
    v1: set('freezer', ['freezer.state', 'FROZEN']),
    v2: set(undefined, ['cgroup.freeze', '1']),
  },
  'cgroup-cpu': {
    v1: set('cpu', ['cpu.cfs_quota_us', '50000']),
    v2: set('cpu', ['cpu.max', '50000 100000']),
  },
  'cgroup-cpu-burst': {
    v1: set('cpu', ['cpu.cfs_quota_us', '50000'], ['cpu.cfs_burst_us', '10000']),
    v2: set('cpu', ['cpu.max', '50000 100000'], ['cpu.max.burst', '10000']),
  },
  'cgroup-cpu-idle': { v1: set('cpu', ['cpu.idle', '1']), v2: set('cpu', ['cpu.idle', '1']) },
  'cgroup-cpu-realtime': { v1: set('cpu', ['cpu.rt_runtime_us', '1000']) },
  'cgroup-cpuset': {
    v1: {
      controller: 'cpuset',
      carryOut: (cgroup) => apply(cgroup, ['cpuset.cpus', parentSays(cgroup, 'cpuset.cpus')]),
    },
    v2: {
      controller: 'cpuset',
      carryOut: (cgroup) => apply(cgroup, ['cpuset.cpus', parentSays(cgroup, 'cpuset.cpus.effective')]),
    },
  },
  'cgroup-devices': {
    v1: { controller: 'devices', carryOut: denyDevices },
    v2: { carryOut: attachDeviceProgram },
  },
  'cgroup-blkio': {
    v1: {
      controller: 'blkio',
      carryOut: (cgroup) =>
        apply(cgroup, ['blkio.throttle.read_bps_device', `${wholeDisk()} ${megabytes(1)}`]),
    },
    v2: {
      controller: 'io',
      carryOut: (cgroup) => apply(cgroup, ['io.max', `${wholeDisk()} rbps=${megabytes(1)}`]),
    },
  },
  'cgroup-blkio-weight': {
    v1: set('blkio', [['blkio.weight', 'blkio.bfq.weight'], '200']),
    v2: set('io', [['io.weight', 'io.bfq.weight'], 'default 200']),
  },
  'cgroup-blkio-weight-device': {
    v1: {
      controller: 'blkio',
      carryOut: (cgroup) =>
        apply(cgroup, [['blkio.weight_device', 'blkio.bfq.weight_device'], `${wholeDisk()} 300`]),
    },
    v2: {
      controller: 'io',
      carryOut: (cgroup) => apply(cgroup, [['io.bfq.weight', 'io.weight'], `${wholeDisk()} 300`]),
    },
  },
  'cgroup-hugetlb': {
    v1: {
      controller: 'hugetlb',
      carryOut: (cgroup) => apply(cgroup, [`hugetlb.${hugePageSize()}.limit_in_bytes`, '0']),
    },
    v2: {
      controller: 'hugetlb',
      carryOut: (cgroup) => apply(cgroup, [`hugetlb.${hugePageSize()}.max`, '0']),
    },
  },
  'cgroup-hugetlb-reservation': {
    v1: {
      controller: 'hugetlb',
      carryOut: (cgroup) => apply(cgroup, [`hugetlb.${hugePageSize()}.rsvd.limit_in_bytes`, '0']),
    },
    v2: {
      controller: 'hugetlb',
      carryOut: (cgroup) => apply(cgroup, [`hugetlb.${hugePageSize()}.rsvd.max`, '0']),
    },
  },
  'cgroup-rdma': {
    v1: { controller: 'rdma', carryOut: limitRdma },
    v2: { controller: 'rdma', carryOut: limitRdma },
  },
  'cgroup-net-cls': { v1: set('net_cls', ['net_cls.classid', '1048577']) },
  'cgroup-net-prio': { v1: set('net_prio', ['net_prio.ifpriomap', 'lo 5']) },
} as const satisfies Readonly<Record<string, CgroupTrials>>

/** A trial that writes files and reads them back. */
export function set(controller: string | undefined, ...settings: readonly Setting[]): Trial {
  const carryOut = (cgroup: string) => {
    for (const setting of settings) apply(cgroup, setting)
  }
  return controller === undefined ? { carryOut } : { controller, carryOut }
}

/** Writes a value and reads it back: some settings are taken without an error and without an effect. */
function apply(cgroup: string, [files, value, reads = value]: Setting): void {
  const path = join(cgroup, firstPresent(cgroup, files))
  write(path, value)
  const content = readFileSync(path, 'utf8').trim()
  const isSet = content.split('\n').some((line) => line === reads || line.startsWith(`${reads} `))
  if (!isSet)
    throw new UnmetNeedError(`${path} says ${JSON.stringify(content)} after ${value} was written to it`)
}

function write(path: string, value: string): void {
  try {
    writeFileSync(path, value)
  } catch (cause) {
    const refusal = cause instanceof Error ? cause.message : String(cause)
    throw new UnmetNeedError(`${path} cannot be set to ${value}: ${refusal}`, { cause })
  }
}

function denyDevices(cgroup: string): void {
  write(join(cgroup, 'devices.deny'), 'a')
  const allowed = readFileSync(join(cgroup, 'devices.list'), 'utf8').trim()
  if (allowed !== '') throw new UnmetNeedError(`${cgroup} allows ${allowed} after everything was denied`)
}

function limitRdma(cgroup: string): void {
  apply(cgroup, ['rdma.max', `${rdmaDevice()} hca_handle=2 hca_object=2000`])
}

function firstPresent(cgroup: string, files: string | readonly string[]): string {
  const names = [files].flat()
  const there = readdirSync(cgroup)
  const [first] = names.filter((name) => there.includes(name))
  if (first === undefined) throw new UnmetNeedError(`the kernel offers no ${names.join(' or ')}`)
  return first
}

function parentSays(cgroup: string, file: string): string {
  return readFileSync(join(dirname(cgroup), file), 'utf8').trim()
}

/**
 * The number, as `major:minor`, of a disk that can be throttled: partitions and stacked devices cannot.
 *
 * @throws UnmetNeedError when there is none
 */
export function wholeDisk(): string {
  const disk = readdirSync('/sys/block').find((name) => /^(sd|vd|xvd|nvme|mmcblk)/.test(name))
  if (disk === undefined) throw new UnmetNeedError('this machine has no disk of its own')
  return readFileSync(`/sys/block/${disk}/dev`, 'utf8').trim()
}

/** A size of huge pages as cgroup files spell it: `2MB`. @throws UnmetNeedError when there are none */
export function hugePageSize(): string {
  const sizes = '/sys/kernel/mm/hugepages'
  const [name] = existsSync(sizes) ? readdirSync(sizes) : []
  const kilobytes = Number(/\d+/.exec(name ?? '')?.[0])
  if (Number.isNaN(kilobytes)) throw new UnmetNeedError('this machine has no huge pages')
  return kilobytes >= 1024 * 1024 ? `${kilobytes / 1024 / 1024}GB` : `${kilobytes / 1024}MB`
}

/** The name of an RDMA device of this machine. @throws UnmetNeedError when there is none */
export function rdmaDevice(): string {
  const directory = '/sys/class/infiniband'
  const [device] = existsSync(directory) ? readdirSync(directory) : []
  if (device === undefined) throw new UnmetNeedError('this machine has no RDMA device')
  return device
}

/**
 * Tries a controller in a cgroup made for it, which is removed again. On a hybrid layout v1 counts, since that is
 * what runtimes use there.
 *
 * @throws UnmetNeedError or an error of node:fs that says why it cannot be used.
 */
export function tryInCgroup({ v1, v2 }: CgroupTrials): void {
  const layout = cgroupLayout()
  const trial = layout.kind === 'v2' ? v2 : v1
  if (trial === undefined)
    throw new UnmetNeedError(`cgroup ${layout.kind === 'v2' ? 'v2' : 'v1'} has nothing of the kind`)
  const cgroup = makeCgroup(layout, trial.controller)
  try {
    trial.carryOut(cgroup)
  } finally {
    rmdirSync(cgroup)
  }
}

/** @throws UnmetNeedError or an error of node:fs unless a cgroup can be made right below the top of a hierarchy. */
export function tryCgroupAtTheTop(): void {
  const layout = cgroupLayout()
  const cgroup = join(mountPointFor(layout, layout.kind === 'v2' ? undefined : 'memory'), probeName())
  mkdirSync(cgroup)
  rmdirSync(cgroup)
}

let made = 0

function probeName(): string {
  return `runwright-probe-${process.pid}-${threadId}-${made++}`
}

function makeCgroup(layout: CgroupLayout, controller: string | undefined): string {
  const mountPoint = mountPointFor(layout, controller)
  const parent = parentCgroup(mountPoint, layout.kind === 'v2' ? '' : controller)
  if (layout.kind === 'v2' && controller !== undefined) enableForChildren(parent, controller)
  const cgroup = join(parent, probeName())
  mkdirSync(cgroup)
  return cgroup
}

function mountPointFor(layout: CgroupLayout, controller: string | undefined): string {
  const mountPoint = controller === undefined ? layout.unified : layout.controllers.get(controller)
  const isUsable = layout.kind !== 'hybrid' || mountPoint !== layout.unified
  if (mountPoint !== undefined && isUsable) return mountPoint
  throw new UnmetNeedError(
    `no ${layout.kind} hierarchy with the ${controller ?? 'unified'} controller is mounted`,
  )
}

/**
 * Where runtimes make cgroups when they are told nothing: as root at the top on v2, and on v1 below the cgroup that they
 * run in, which may hold less than the top has (no realtime budget, fewer processors). A user can only where its own
 * cgroup stands, if that was delegated.
 */
function parentCgroup(mountPoint: string, controller: string | undefined): string {
  const own = ownCgroup(controller)
  if (process.geteuid?.() !== 0) return join(mountPoint, dirname(own))
  const below = join(mountPoint, own)
  // In a container the hierarchy may be mounted from the container's own cgroup on.
  return controller !== '' && existsSync(below) ? below : mountPoint
}

/** The cgroup that this process is in, from the top of a hierarchy; `''` stands for v2. */
function ownCgroup(controller: string | undefined): string {
  const line = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .map((text) => text.split(':'))
    .find(([, controllers = '']) => controllers.split(',').includes(controller ?? ''))
  return line?.slice(2).join(':') ?? '/'
}

/**
 * Lets children of a v2 cgroup use a controller. It is not taken back: every runtime does the same for its first
 * container, and taking it back would take limits from containers that started meanwhile.
 */
function enableForChildren(parent: string, controller: string): void {
  const file = join(parent, 'cgroup.subtree_control')
  if (readFileSync(file, 'utf8').split(/\s/).includes(controller)) return
  write(file, `+${controller}`)
}
