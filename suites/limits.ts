import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { hugePageSize } from '../harness/host/index.ts'
import { ObservedCgroup } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import { combine, type LinuxResources, withResources, withValue } from '../harness/spec/index.ts'
import { type DeclareTest, type Need, NothingObservedError } from '../harness/suite/index.ts'
import { createTidily } from './cgroup-remains.ts'
import { pidOf } from './containers.ts'
import { sleeping } from './programs.ts'

/** Reads what one limit of a cgroup is. */
type Reader = (read: (controller: string, file: string) => string | undefined) => string | undefined

/** Where a limit is read on each cgroup version; missing where that version has nothing of the kind. */
interface LimitPlaces {
  readonly v1?: Reader
  readonly v2?: Reader
}

/**
 * Where the kernel shows each limit, as a text that is the same for both cgroup versions where their units are the
 * same; `max` is no limit. Files: the kernel's cgroup-v1/*.rst and cgroup-v2.rst.
 */
const limitPlaces = {
  'memory limit': {
    v1: (read) => unlimited(read('memory', 'memory.limit_in_bytes')),
    v2: (read) => read('memory', 'memory.max'),
  },
  'memory reservation': {
    v1: (read) => unlimited(read('memory', 'memory.soft_limit_in_bytes')),
    v2: (read) => read('memory', 'memory.low'),
  },
  'memory and swap': {
    v1: (read) => unlimited(read('memory', 'memory.memsw.limit_in_bytes')),
    v2: (read) => sum(read('memory', 'memory.max'), read('memory', 'memory.swap.max')),
  },
  swappiness: { v1: (read) => read('memory', 'memory.swappiness') },
  'out-of-memory killer': {
    v1: (read) => /^oom_kill_disable \d+$/m.exec(read('memory', 'memory.oom_control') ?? '')?.[0],
  },
  'cpu shares': { v1: (read) => read('cpu', 'cpu.shares'), v2: (read) => read('cpu', 'cpu.weight') },
  'cpu quota': {
    v1: (read) => read('cpu', 'cpu.cfs_quota_us')?.replace('-1', 'max'),
    v2: (read) => read('cpu', 'cpu.max')?.split(' ')[0],
  },
  'cpu period': {
    v1: (read) => read('cpu', 'cpu.cfs_period_us'),
    v2: (read) => read('cpu', 'cpu.max')?.split(' ')[1],
  },
  'cpu burst': {
    v1: (read) => read('cpu', 'cpu.cfs_burst_us'),
    v2: (read) => read('cpu', 'cpu.max.burst'),
  },
  'cpu idle': { v1: (read) => read('cpu', 'cpu.idle'), v2: (read) => read('cpu', 'cpu.idle') },
  'realtime runtime': { v1: (read) => read('cpu', 'cpu.rt_runtime_us') },
  'realtime period': { v1: (read) => read('cpu', 'cpu.rt_period_us') },
  processors: {
    v1: (read) => read('cpuset', 'cpuset.cpus'),
    v2: (read) => read('cpuset', 'cpuset.cpus'),
  },
  'memory nodes': {
    v1: (read) => read('cpuset', 'cpuset.mems'),
    v2: (read) => read('cpuset', 'cpuset.mems'),
  },
  tasks: { v1: (read) => read('pids', 'pids.max'), v2: (read) => read('pids', 'pids.max') },
  'block weight': {
    v1: (read) => read('blkio', 'blkio.weight') ?? read('blkio', 'blkio.bfq.weight'),
    v2: (read) => read('io', 'io.bfq.weight') ?? read('io', 'io.weight'),
  },
  'block weight of a device': {
    v1: (read) => read('blkio', 'blkio.weight_device') ?? read('blkio', 'blkio.bfq.weight_device'),
    v2: (read) => read('io', 'io.bfq.weight') ?? read('io', 'io.weight'),
  },
  'read bytes': {
    v1: (read) => read('blkio', 'blkio.throttle.read_bps_device'),
    v2: (read) => throttle('rbps', read('io', 'io.max')),
  },
  'write bytes': {
    v1: (read) => read('blkio', 'blkio.throttle.write_bps_device'),
    v2: (read) => throttle('wbps', read('io', 'io.max')),
  },
  'read operations': {
    v1: (read) => read('blkio', 'blkio.throttle.read_iops_device'),
    v2: (read) => throttle('riops', read('io', 'io.max')),
  },
  'write operations': {
    v1: (read) => read('blkio', 'blkio.throttle.write_iops_device'),
    v2: (read) => throttle('wiops', read('io', 'io.max')),
  },
  'huge pages': {
    v1: (read) => ofHugePages(read, 'limit_in_bytes'),
    v2: (read) => ofHugePages(read, 'max'),
  },
  'reserved huge pages': {
    v1: (read) => ofHugePages(read, 'rsvd.limit_in_bytes'),
    v2: (read) => ofHugePages(read, 'rsvd.max'),
  },
  rdma: { v1: (read) => read('rdma', 'rdma.max'), v2: (read) => read('rdma', 'rdma.max') },
  'network class': { v1: (read) => read('net_cls', 'net_cls.classid') },
  'network priorities': { v1: (read) => read('net_prio', 'net_prio.ifpriomap') },
} as const satisfies Readonly<Record<string, LimitPlaces>>

export type LimitName = keyof typeof limitPlaces

/** A file of the controller of huge pages; undefined on a machine that has none. */
function ofHugePages(read: Parameters<Reader>[0], file: string): string | undefined {
  if (!existsSync('/sys/kernel/mm/hugepages')) return undefined
  return read('hugetlb', `hugetlb.${hugePageSize()}.${file}`)
}

/** The most that a v1 counter holds is a little below 2^63, by the size of a page. */
const unlimitedFrom = 2n ** 62n

function unlimited(text: string | undefined): string | undefined {
  return text !== undefined && BigInt(text) >= unlimitedFrom ? 'max' : text
}

/** v2 limits memory and swap apart, the specification limits their sum. */
function sum(memory: string | undefined, swap: string | undefined): string | undefined {
  if (memory === undefined || swap === undefined) return undefined
  return memory === 'max' || swap === 'max' ? 'max' : String(BigInt(memory) + BigInt(swap))
}

/** One column of io.max as v1 shows it: `major:minor rate` a line, devices without a limit left out. */
function throttle(key: string, text: string | undefined): string | undefined {
  return text
    ?.split('\n')
    .flatMap((line) => {
      const [device = '', ...settings] = line.split(' ')
      const rate = settings.find((setting) => setting.startsWith(`${key}=`))?.slice(key.length + 1)
      return rate === undefined || rate === 'max' ? [] : [`${device} ${rate}`]
    })
    .join('\n')
}

/** What the kernel says a limit of a container is; undefined when its cgroup has no file for it. */
export function limitOf(container: Container, name: LimitName): string | undefined {
  const cgroup = new ObservedCgroup(pidOf(container))
  return readerOf(name, cgroup.version)((controller, file) => cgroup.read(controller, file))
}

/** Every limit of a container that this host shows, by name: to see that one was changed and the others were not. */
export function limitsOf(container: Container): Readonly<Record<string, string | undefined>> {
  const cgroup = new ObservedCgroup(pidOf(container))
  const shown = Object.entries(limitPlaces).flatMap(([name, places]: [string, LimitPlaces]) => {
    const text = places[cgroup.version]?.((controller, file) =>
      cgroup.controllers.includes(controller) ? cgroup.read(controller, file) : undefined,
    )
    return text === undefined ? [] : [[name, text] as const]
  })
  if (shown.length === 0)
    throw new NothingObservedError(`no limit of container ${container.id} is to be seen`)
  return Object.fromEntries(shown)
}

/** What the kernel gives a cgroup that nobody has set a limit for, made beside that of a container for a moment. */
export function unsetLimitBeside(container: Container, name: LimitName): string | undefined {
  const cgroup = new ObservedCgroup(pidOf(container))
  return readerOf(
    name,
    cgroup.version,
  )((controller, file) => readInFreshCgroup(`${cgroup.directory(controller)}-unset`, file))
}

function readInFreshCgroup(directory: string, file: string): string | undefined {
  mkdirSync(directory)
  try {
    const path = join(directory, file)
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : undefined
  } finally {
    rmdirSync(directory)
  }
}

function readerOf(name: LimitName, version: 'v1' | 'v2'): Reader {
  const places: LimitPlaces = limitPlaces[name]
  const reader = places[version]
  if (reader === undefined) throw new NothingObservedError(`cgroup ${version} has no ${name}`)
  return reader
}

/** What stands in a table, or makes it where it depends on the machine. */
type Given<T extends object | string> = T | (() => T)

/** A text, or one for each cgroup version where their units differ; a pattern where runtimes may convert or round. */
type Shown = string | RegExp | { readonly v1: string | RegExp; readonly v2: string | RegExp }

/** A limit of the configuration, and what the kernel has to show for it. */
export interface ConfiguredLimit {
  readonly limit: LimitName
  readonly resources: Given<LinuxResources>
  readonly shows: Given<Shown>
  readonly covers: readonly string[]
  readonly needs: readonly Need[]
}

/** Declares, for each title, that a created container has the limit of its configuration. */
export function testConfiguredLimits(
  test: DeclareTest,
  limits: Readonly<Record<string, ConfiguredLimit>>,
): void {
  for (const [title, { limit, resources, shows, covers, needs }] of Object.entries(limits)) {
    test(title, { covers, needs }, async (context) => {
      const { bundles, control, expect } = context
      const limited = withResources(given(resources))
      const container = await createTidily(context, await bundles.busybox(nameOf(title), sleeping, limited))
      const expected = patternOf(given(shows), container)
      await control('a cgroup that nobody has set the limit for shows another', async () => {
        expect(unsetLimitBeside(container, limit) ?? 'nothing').not.toMatch(expected)
      })
      expect(limitOf(container, limit) ?? 'nothing').toMatch(expected)
    })
  }
}

/** Resources that a runtime has to refuse, and the same without the fault. */
export interface RefusedLimit {
  /** Members of the resources, also such as the types do not allow. */
  readonly wrong: Given<object>
  readonly right: Given<LinuxResources>
  readonly covers: readonly string[]
  readonly needs: readonly Need[]
}

/** Declares, for each title, that create refuses the wrong resources; a control shows that it takes the right ones. */
export function testRefusedLimits(test: DeclareTest, limits: Readonly<Record<string, RefusedLimit>>): void {
  for (const [title, { wrong, right, covers, needs }] of Object.entries(limits)) {
    test(title, { covers, needs }, async (context) => {
      const { bundles, control, expect } = context
      const created = async (name: string, resources: object) => {
        const limited = combine(
          ...Object.entries(resources).map(([member, value]) =>
            withValue(['linux', 'resources', member], value),
          ),
        )
        return createTidily(context, await bundles.busybox(`${nameOf(title)}-${name}`, sleeping, limited))
      }
      await control('the same resources without the fault are accepted', () => created('right', given(right)))
      await expect(created('wrong', given(wrong))).toBeRefused()
    })
  }
}

/** One of the processors that this process may run on, and not the first of several. */
export function lastProcessor(): string {
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  const last = /\d+$/.exec(allowed ?? '')?.[0]
  if (last === undefined) throw new NothingObservedError('the kernel does not say which processors there are')
  return last
}

/** What a limit has to look like; a text has to match as a whole. */
export function patternOf(shows: Shown, container: Container): RegExp {
  const expected =
    typeof shows === 'string' || shows instanceof RegExp
      ? shows
      : shows[new ObservedCgroup(pidOf(container)).version]
  return typeof expected === 'string' ? new RegExp(`^${expected}$`) : expected
}

function given<T extends object | string>(value: Given<T>): T {
  return typeof value === 'function' ? value() : value
}

function nameOf(title: string): string {
  return title.replaceAll(/[^a-z0-9]+/gi, '-')
}
