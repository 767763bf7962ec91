import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupLayout, type SchedulingAttributes, schedulingAttributes } from '../harness/host/index.ts'
import {
  combine,
  type Edit,
  type ProcessSpec,
  withCpuLimits,
  withoutValue,
  withProcess,
  withValue,
} from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { expectFaultRefused } from './acceptance.ts'
import { printedThrough } from './callers.ts'
import { pidOf, untilPrinted } from './containers.ts'
import { observeExecuted, observeRun, reporting } from './inside.ts'
import { shell, sleeping } from './programs.ts'

type Scheduler = NonNullable<ProcessSpec['scheduler']>

/** The policies of sched(7) by their numbers. */
const policies = { SCHED_OTHER: 0, SCHED_FIFO: 1, SCHED_RR: 2, SCHED_BATCH: 3, SCHED_IDLE: 5 } as const

const withScheduler = (scheduler: Scheduler): Edit => withProcess({ scheduler })

/** Where cgroup v1 divides real-time among its groups, a new one has none, and its processes can have no such policy. */
function withRoomForRealTime(): Edit {
  const hierarchy = cgroupLayout().controllers.get('cpu')
  const isDivided = hierarchy !== undefined && existsSync(join(hierarchy, 'cpu.rt_runtime_us'))
  return isDivided ? withCpuLimits({ realtimeRuntime: 10_000, realtimePeriod: 1_000_000 }) : combine()
}

/** One scheduler a policy, each with a nice value or a priority that is nobody's default. */
const schedulers: readonly (readonly [
  Scheduler & { readonly policy: keyof typeof policies },
  readonly Need[],
])[] = [
  [{ policy: 'SCHED_OTHER', nice: 7 }, []],
  [{ policy: 'SCHED_BATCH', nice: 8 }, []],
  [{ policy: 'SCHED_IDLE' }, []],
  [{ policy: 'SCHED_FIFO', priority: 10 }, ['scheduler-real-time']],
  [{ policy: 'SCHED_RR', priority: 20 }, ['scheduler-real-time']],
]

const deadline = {
  policy: 'SCHED_DEADLINE',
  runtime: 10_000_000,
  deadline: 20_000_000,
  period: 40_000_000,
} as const

/** How the kernel schedules a container's program, once it runs. */
async function schedulingOf(
  { bundles, runtime }: TestContext,
  name: string,
  edit: Edit,
): Promise<SchedulingAttributes> {
  const program = shell('echo ready; exec sleep 1000')
  const container = await runtime.create(await bundles.busybox(name, program, edit))
  await container.start()
  await untilPrinted(container.init, 'ready\n')
  return schedulingAttributes(pidOf(container))
}

const badSchedulers: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'without a policy': {
    covers: 'scheduler-policy-required',
    fault: withoutValue('process.scheduler.policy'),
  },
  'with a policy that does not exist': {
    covers: 'scheduler-policy-applied',
    fault: withValue('process.scheduler.policy', 'SCHED_NONSENSE'),
  },
  'with a policy in lower case': {
    covers: 'scheduler-policy-applied',
    fault: withValue('process.scheduler.policy', 'sched_batch'),
  },
  'with a flag that does not exist': {
    covers: 'scheduler-flags-optional',
    fault: withValue('process.scheduler.flags', ['SCHED_FLAG_NONSENSE']),
  },
  'of a real-time policy without a priority': {
    covers: 'scheduler-priority-optional',
    fault: withValue('process.scheduler', { policy: 'SCHED_FIFO' }),
  },
}

/** Input and output priorities as ionice(1) of busybox prints them. */
const ioPriorities = [
  [{ class: 'IOPRIO_CLASS_BE', priority: 0 }, 'best-effort: prio 0'],
  [{ class: 'IOPRIO_CLASS_BE', priority: 7 }, 'best-effort: prio 7'],
  [{ class: 'IOPRIO_CLASS_RT', priority: 3 }, 'realtime: prio 3'],
  [{ class: 'IOPRIO_CLASS_IDLE', priority: 0 }, 'idle'],
] as const

const badIoPriorities: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'without a class': { covers: 'iopriority-class-required', fault: withoutValue('process.ioPriority.class') },
  'of a class that does not exist': {
    covers: 'iopriority-class-required',
    fault: withValue('process.ioPriority.class', 'IOPRIO_CLASS_NONSENSE'),
  },
  'without a priority': {
    covers: 'iopriority-priority-required',
    fault: withoutValue('process.ioPriority.priority'),
  },
  'with a priority below 0': {
    covers: 'iopriority-priority-required',
    fault: withValue('process.ioPriority.priority', -1),
  },
  'with a priority above 7': {
    covers: 'iopriority-priority-required',
    fault: withValue('process.ioPriority.priority', 8),
  },
}

const onOneProcessor = (execCPUAffinity: NonNullable<ProcessSpec['execCPUAffinity']>): Edit =>
  withProcess({ execCPUAffinity })

const executes: readonly Need[] = ['runtime:exec', 'processors-0-and-1']

export const schedulerIoprioAffinity = suite('scheduler-ioprio-affinity', ({ test }) => {
  for (const [scheduler, needs] of schedulers) {
    const { policy, nice = 0, priority = 0 } = scheduler
    const name = policy.toLowerCase().replace('_', '-')
    const edit: Edit = (spec) =>
      combine(withScheduler(scheduler), priority === 0 ? combine() : withRoomForRealTime())(spec)

    test(`the program runs under the configured policy ${policy}`, {
      covers: ['scheduler-policy-applied'],
      needs,
    }, async ({ observe, expect }) => {
      expect((await observe(name, edit)).scheduling.policy).toBe(policies[policy])
    })

    test(`the program has the configured ${nice === 0 ? 'priority' : 'nice value'} under the policy ${policy}`, {
      covers: [nice === 0 ? 'scheduler-priority-optional' : 'scheduler-nice-optional'],
      needs,
    }, async ({ observe, expect }) => {
      const { scheduling } = await observe(name, edit)
      expect([scheduling.nice, scheduling.realTimePriority]).toEqual([nice, priority])
    })
  }

  test('a nice value that is left out is 0, whatever that of the caller', {
    covers: ['scheduler-nice-optional'],
  }, async ({ bundles, runtime, control, expect }) => {
    const through = ['nice', '-n', '6']
    await control('the caller has a nice value of its own', async () => {
      expect(Number(await printedThrough(through, 'nice'))).toBeGreaterThanOrEqual(6)
    })
    const bundle = await bundles.busybox('no-nice', reporting, withScheduler({ policy: 'SCHED_BATCH' }))
    const { scheduling } = await observeRun(runtime.called({ through }), bundle)
    expect(scheduling).toMatchObject({ policy: policies.SCHED_BATCH, nice: 0 })
  })

  test('without a configured scheduler that of the caller stays', {
    covers: ['scheduler-optional'],
  }, async ({ observe, expect }) => {
    const { policy } = (await observe('no-scheduler', withoutValue('process.scheduler'))).scheduling
    expect(policy).toBe(policies.SCHED_OTHER)
  })

  test('a configured flag of the scheduler is set', {
    covers: ['scheduler-flags-optional'],
  }, async (context) => {
    const scheduler: Scheduler = { policy: 'SCHED_BATCH', nice: 8, flags: ['SCHED_FLAG_RESET_ON_FORK'] }
    const { flags } = await schedulingOf(context, 'flag', withScheduler(scheduler))
    context.expect(flags & 1n).toBe(1n)
  })

  for (const [member, covers] of [
    ['runtime', 'scheduler-runtime-optional'],
    ['deadline', 'scheduler-deadline-optional'],
    ['period', 'scheduler-period-optional'],
  ] as const) {
    test(`the program runs under the configured policy SCHED_DEADLINE with its ${member}`, {
      covers: [covers, 'scheduler-policy-applied'],
      needs: ['scheduler-deadline'],
    }, async (context) => {
      const attributes = await schedulingOf(context, `deadline-${member}`, withScheduler(deadline))
      context.expect(attributes.policy).toBe(6)
      context.expect(attributes[member]).toBe(BigInt(deadline[member]))
    })
  }

  for (const [description, { covers, fault }] of Object.entries(badSchedulers)) {
    test(`a scheduler ${description} is refused`, { covers: [covers] }, async (context) => {
      const sound = withScheduler({ policy: 'SCHED_BATCH', nice: 7 })
      await expectFaultRefused(context, `scheduler ${description}`, fault, sound)
    })
  }

  test('an executed process has the scheduler of its process file', {
    covers: ['scheduler-policy-applied', 'scheduler-nice-optional'],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    const { scheduling } = await observeExecuted(container, { scheduler: { policy: 'SCHED_BATCH', nice: 9 } })
    expect(scheduling).toMatchObject({ policy: policies.SCHED_BATCH, nice: 9 })
  })

  for (const [ioPriority, printed] of ioPriorities) {
    const words = `${ioPriority.class} ${ioPriority.priority}`
    test(`the program has the configured input and output priority ${words}`, {
      covers: ['iopriority-optional', 'iopriority-class-required', 'iopriority-priority-required'],
    }, async ({ observe, expect }) => {
      const name = words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
      expect((await observe(name, withProcess({ ioPriority }))).ioPriority).toBe(printed)
    })
  }

  test('a child of the program has its input and output priority', {
    covers: ['iopriority-optional'],
  }, async ({ bundles, runtime, expect }) => {
    const [ioPriority, printed] = ioPriorities[1]
    const script = shell('sh -c "ionice -p \\$\\$; true"; ionice -p $$; true')
    const bundle = await bundles.busybox('io-of-a-child', script, withProcess({ ioPriority }))
    expect(await runtime.run(bundle)).toHavePrinted(`${printed}\n${printed}\n`)
  })

  for (const [description, { covers, fault }] of Object.entries(badIoPriorities)) {
    test(`an input and output priority ${description} is refused`, { covers: [covers] }, async (context) => {
      const sound = withProcess({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 5 } })
      await expectFaultRefused(context, `io ${description}`, fault, sound)
    })
  }

  test('an executed process has the input and output priority of its process file', {
    covers: ['iopriority-optional'],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    const [ioPriority, printed] = ioPriorities[1]
    expect((await observeExecuted(container, { ioPriority })).ioPriority).toBe(printed)
  })

  test('the affinity for executed processes does not concern the first process', {
    covers: ['execcpuaffinity-optional'],
    needs: ['processors-0-and-1'],
  }, async ({ observe, expect }) => {
    const without = await observe('no-affinity', withoutValue('process.execCPUAffinity'))
    const bound = await observe('affinity', onOneProcessor({ initial: '0', final: '0' }))
    expect(bound.processors).toBe(without.processors)
  })

  for (const processor of ['0', '1']) {
    test(`an executed process runs on processor ${processor} where the configuration says so`, {
      covers: ['execcpuaffinity-final-optional'],
      needs: executes,
    }, async ({ bundles, runtime, expect }) => {
      const edit = onOneProcessor({ final: processor })
      const container = await runtime.create(await bundles.busybox(`final-${processor}`, sleeping, edit))
      await container.start()
      const result = await container.exec(shell("sed -n 's/^Cpus_allowed_list:\\s*//p' /proc/self/status"))
      expect(result).toHavePrinted(`${processor}\n`)
    })
  }

  test('an executed process runs on the processor that its process file says', {
    covers: ['execcpuaffinity-final-optional'],
    needs: executes,
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    expect((await observeExecuted(container, { execCPUAffinity: { final: '1' } })).processors).toBe('1')
  })

  test('an executed process that is bound only while it starts runs where the kernel leaves it', {
    covers: ['execcpuaffinity-final-empty-unchanged', 'execcpuaffinity-initial-optional'],
    needs: executes,
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    const { processors } = await observeExecuted(container, {})
    const bound = await observeExecuted(container, { execCPUAffinity: { initial: '0' } })
    // Kernels and versions of cgroups differ in whether a process is let go again when it is moved.
    expect(['0', processors]).toContain(bound.processors)
  })

  test('a malformed affinity is refused', {
    covers: ['execcpuaffinity-final-optional'],
    needs: executes,
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    const bound = (final: string) =>
      container.exec({ args: ['true'], cwd: '/', env: ['PATH=/bin'], execCPUAffinity: { final } })
    await control('a well-formed one is accepted', async () => {
      expect(await bound('0-1')).toHaveExited(0)
    })
    await expect(bound('0-nonsense')).toBeRefused()
  })
})
