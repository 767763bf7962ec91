import { until } from '../harness/host/index.ts'
import { ObservedCgroup } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import { type CpuLimits, withCpuLimits } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { createTidily } from './cgroup-remains.ts'
import { patienceMs, pidOf } from './containers.ts'
import { lastProcessor, limitOf, testConfiguredLimits, testRefusedLimits } from './limits.ts'
import { shell, sleeping } from './programs.ts'

/** Uses all the processor time it can get. */
const busy = shell('while :; do :; done')

/** So little that a program is held back also on a machine that gives it little anyway. */
const scarce: CpuLimits = { quota: 1_000, period: 20_000 }

/** A number that no machine's processor or memory node has. */
const nowhere = '1000000'

/** How many times the processes of a container were held back because its quota was used up. */
function timesThrottled(container: Container): number {
  const text = new ObservedCgroup(pidOf(container)).read('cpu', 'cpu.stat')
  return Number(/^nr_throttled (\d+)$/m.exec(text ?? '')?.[1])
}

export const resourcesCpu = suite('resources-cpu', ({ test }) => {
  testConfiguredLimits(test, {
    'a container gets the cpu shares that its configuration names': {
      limit: 'cpu shares',
      resources: { cpu: { shares: 2048 } },
      // The weight of v2 has another scale; runtimes converted linearly until 2025, and along a curve since.
      shows: { v1: '2048', v2: /^(79|174)$/ },
      covers: ['cpu-shares-optional'],
      needs: ['cgroup-cpu'],
    },
    'cpu shares below the default make a container count for less': {
      limit: 'cpu shares',
      resources: { cpu: { shares: 512 } },
      shows: { v1: '512', v2: /^(20|59)$/ },
      covers: ['cpu-shares-optional'],
      needs: ['cgroup-cpu'],
    },
    'a container gets the cpu quota that its configuration names': {
      limit: 'cpu quota',
      resources: { cpu: { quota: 34_000 } },
      shows: '34000',
      covers: ['cpu-quota-optional'],
      needs: ['cgroup-cpu'],
    },
    'a quota larger than the period gives a container more than one processor': {
      limit: 'cpu quota',
      resources: { cpu: { quota: 90_000, period: 60_000 } },
      shows: '90000',
      covers: ['cpu-quota-optional'],
      needs: ['cgroup-cpu'],
    },
    'a container gets the cpu period that its configuration names with a quota': {
      limit: 'cpu period',
      resources: { cpu: { quota: 34_000, period: 57_000 } },
      shows: '57000',
      covers: ['cpu-period-optional'],
      needs: ['cgroup-cpu'],
    },
    'a container gets the cpu quota that its configuration names with a period': {
      limit: 'cpu quota',
      resources: { cpu: { quota: 34_000, period: 57_000 } },
      shows: '34000',
      covers: ['cpu-quota-optional'],
      needs: ['cgroup-cpu'],
    },
    'a cpu period is set without a quota, too': {
      limit: 'cpu period',
      resources: { cpu: { period: 57_000 } },
      shows: '57000',
      covers: ['cpu-period-optional'],
      needs: ['cgroup-cpu'],
    },
    'a container gets the cpu burst that its configuration names': {
      limit: 'cpu burst',
      resources: { cpu: { quota: 34_000, period: 57_000, burst: 12_000 } },
      shows: '12000',
      covers: ['cpu-burst-optional'],
      needs: ['cgroup-cpu-burst'],
    },
    'a cpu burst may be as large as the quota': {
      limit: 'cpu burst',
      resources: { cpu: { quota: 34_000, burst: 34_000 } },
      shows: '34000',
      covers: ['cpu-burst-optional', 'cpu-quota-not-below-burst', 'cpu-burst-not-above-quota'],
      needs: ['cgroup-cpu-burst'],
    },
    'a container that is to be idle is put into idle scheduling': {
      limit: 'cpu idle',
      resources: { cpu: { idle: 1 } },
      shows: '1',
      covers: ['cpu-idle-optional'],
      needs: ['cgroup-cpu-idle'],
    },
    'a container gets the realtime runtime that its configuration names': {
      limit: 'realtime runtime',
      resources: { cpu: { realtimeRuntime: 1_500 } },
      shows: '1500',
      covers: ['cpu-realtimeruntime-optional'],
      needs: ['cgroup-cpu-realtime'],
    },
    'a container gets the realtime period that its configuration names': {
      limit: 'realtime period',
      resources: { cpu: { realtimeRuntime: 1_500, realtimePeriod: 700_000 } },
      shows: '700000',
      covers: ['cpu-realtimeperiod-optional'],
      needs: ['cgroup-cpu-realtime'],
    },
    'a container gets the processors that its configuration names': {
      limit: 'processors',
      resources: () => ({ cpu: { cpus: lastProcessor() } }),
      shows: lastProcessor,
      covers: ['cpu-cpus-optional'],
      needs: ['cgroup-cpuset', 'two-processors'],
    },
    'a container gets the memory nodes that its configuration names': {
      limit: 'memory nodes',
      resources: { cpu: { mems: '0' } },
      shows: '0',
      covers: ['cpu-mems-optional'],
      needs: ['cgroup-cpuset'],
    },
  })

  test('without cpu limits a container has those that the kernel gives', {
    covers: ['cpu-optional'],
    needs: ['cgroup-cpu'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    expect(limitOf(container, 'cpu quota')).toBe('max')
    expect(limitOf(container, 'cpu period')).toBe('100000')
    expect(limitOf(container, 'cpu shares')).toMatch(/^(1024|100)$/)
  })

  test('a cpu quota of -1 is no limit', {
    covers: ['cpu-quota-optional'],
    needs: ['cgroup-cpu'],
  }, async (context) => {
    const { bundles, expect } = context
    const limits = withCpuLimits({ quota: -1, period: 57_000 })
    const container = await createTidily(context, await bundles.busybox('no-quota', sleeping, limits))
    expect(limitOf(container, 'cpu quota')).toBe('max')
    expect(limitOf(container, 'cpu period')).toBe('57000')
  })

  test('a program that wants more than its quota is held back', {
    covers: ['cpu-quota-optional', 'cpu-period-optional'],
    needs: ['cgroup-cpu'],
  }, async ({ bundles, runtime }) => {
    const container = await runtime.create(await bundles.busybox('held-back', busy, withCpuLimits(scarce)))
    await container.start()
    await until(() => timesThrottled(container) >= 3, {
      timeoutMs: patienceMs,
      what: 'the program to be held back for the third time',
    })
  })

  test('a process that is executed in a container shares the quota of the container', {
    covers: ['cpu-quota-optional'],
    needs: ['cgroup-cpu', 'runtime:exec'],
  }, async ({ bundles, runtime }) => {
    const container = await runtime.create(await bundles.busybox('idle', sleeping, withCpuLimits(scarce)))
    await container.start()
    await container.spawn(busy)
    const before = timesThrottled(container)
    await until(() => timesThrottled(container) >= before + 3, {
      timeoutMs: patienceMs,
      what: 'the executed process to be held back three times',
    })
  })

  test('a program runs on the processors of its configuration and on no other', {
    covers: ['cpu-cpus-optional'],
    needs: ['runtime:host-kernel', 'cgroup-cpuset', 'two-processors'],
  }, async ({ observe, control, expect }) => {
    const processor = lastProcessor()
    await control('without the list it may run on others', async () => {
      expect((await observe('anywhere')).processors).not.toBe(processor)
    })
    expect((await observe('on-one', withCpuLimits({ cpus: processor }))).processors).toBe(processor)
  })

  test('a process that is executed in a container runs on the processors of the container', {
    covers: ['cpu-cpus-optional'],
    needs: ['runtime:host-kernel', 'cgroup-cpuset', 'two-processors', 'runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const processor = lastProcessor()
    const container = await runtime.create(
      await bundles.busybox('sleeping-on-one', sleeping, withCpuLimits({ cpus: processor })),
    )
    await container.start()
    const result = await container.exec(['grep', 'Cpus_allowed_list', '/proc/self/status'])
    expect(result).toHavePrinted(`Cpus_allowed_list:\t${processor}\n`)
  })

  testRefusedLimits(test, {
    'a processor that the machine does not have is refused': {
      wrong: { cpu: { cpus: nowhere } },
      right: { cpu: { cpus: '0' } },
      covers: ['cpu-cpus-optional'],
      needs: ['cgroup-cpuset'],
    },
    'a list of processors that is none is refused': {
      wrong: { cpu: { cpus: '0-x' } },
      right: { cpu: { cpus: '0-0' } },
      covers: ['cpu-cpus-optional'],
      needs: ['cgroup-cpuset'],
    },
    'a memory node that the machine does not have is refused': {
      wrong: { cpu: { mems: nowhere } },
      right: { cpu: { mems: '0' } },
      covers: ['cpu-mems-optional'],
      needs: ['cgroup-cpuset'],
    },
    // The kernel takes no burst above the quota: a runtime that cannot set it has to say so.
    'a cpu burst above the quota is refused and not dropped in silence': {
      wrong: { cpu: { quota: 12_000, burst: 34_000 } },
      right: { cpu: { quota: 34_000, burst: 12_000 } },
      covers: [
        'cpu-quota-not-below-burst',
        'cpu-burst-not-above-quota',
        'cpu-quota-below-burst-may-error',
        'cpu-burst-above-quota-may-error',
      ],
      needs: ['cgroup-cpu-burst'],
    },
  })
})
