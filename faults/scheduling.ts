import {
  before,
  configuration,
  type Effect,
  everyProcess,
  executedProcess,
  type Fault,
} from '../harness/fault/index.ts'
import { changing, type IoPriority, type JsonObject, type Scheduler } from '../harness/spec/index.ts'
import { configuredObject, objectAt } from './configured.ts'

const area = 'scheduler-ioprio-affinity'

const policy = ['scheduler-policy-applied']
const nice = ['scheduler-nice-optional']
const priority = ['scheduler-priority-optional']
const ioPriority = ['iopriority-optional']

function scheduler(change: (scheduler: Scheduler) => void): Effect {
  return everyProcess(({ scheduler }) => {
    if (scheduler !== undefined) change(scheduler)
  })
}

function inputAndOutput(change: (ioPriority: IoPriority) => void): Effect {
  return everyProcess(({ ioPriority }) => {
    if (ioPriority !== undefined) change(ioPriority)
  })
}

/** A member of the process, of whatever shape. */
function rawMember(
  name: 'scheduler' | 'ioPriority',
  change: (member: JsonObject, process: JsonObject) => void,
): Effect {
  return configuredObject(['process'], (process) => {
    const member = objectAt(process, name)
    if (member !== undefined) change(member, process)
  })
}

const policies: readonly unknown[] = [
  'SCHED_OTHER',
  'SCHED_FIFO',
  'SCHED_RR',
  'SCHED_BATCH',
  'SCHED_ISO',
  'SCHED_IDLE',
  'SCHED_DEADLINE',
]

/** A policy that this runtime does not know: programs run as they do by default. */
const unknownPolicies = ['SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', 'SCHED_IDLE', 'SCHED_DEADLINE'] as const

const classes: readonly unknown[] = ['IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE']

function executedTest(title: string): readonly string[] {
  return [`${area}/an-executed-process-${title}`]
}

export const scheduling: readonly Fault[] = [
  ...unknownPolicies.map(
    (name): Fault => ({
      id: `${name.toLowerCase().replace('_', '-')}-ignored`,
      area,
      violates: policy,
      sentence: `The runtime passes over the scheduling policy ${name}.`,
      effect: everyProcess((process) => {
        if (process.scheduler?.policy === name) delete process.scheduler
      }),
    }),
  ),
  {
    id: 'scheduler-policy-is-batch',
    area,
    violates: policy,
    sentence: 'The runtime takes the policy SCHED_OTHER for SCHED_BATCH.',
    effect: scheduler((given) => {
      if (given.policy === 'SCHED_OTHER') given.policy = 'SCHED_BATCH'
    }),
  },
  {
    id: 'scheduler-by-default',
    area,
    violates: ['scheduler-optional'],
    sentence: 'The runtime runs programs under SCHED_BATCH where the configuration says nothing.',
    effect: configuration(
      changing(({ process }) => {
        if (process !== undefined) process.scheduler ??= { policy: 'SCHED_BATCH' }
      }),
    ),
  },
  {
    id: 'scheduler-nice-lost',
    area,
    violates: nice,
    sentence: 'The runtime sets the policy of a scheduler and leaves the nice value at 0.',
    effect: scheduler((given) => {
      delete given.nice
    }),
  },
  {
    id: 'scheduler-nice-by-default',
    area,
    violates: nice,
    sentence: 'The runtime takes 5 for a nice value that is left out.',
    effect: scheduler((given) => {
      if (given.policy === 'SCHED_BATCH') given.nice ??= 5
    }),
  },
  {
    id: 'scheduler-priority-is-1',
    area,
    violates: priority,
    sentence: 'The runtime gives every program of a real-time policy the lowest priority.',
    effect: scheduler((given) => {
      if (given.priority !== undefined && given.priority > 0) given.priority = 1
    }),
  },
  {
    id: 'scheduler-idle-is-nice',
    area,
    violates: priority,
    sentence: 'The runtime takes the policy SCHED_IDLE for SCHED_OTHER with a nice value.',
    effect: scheduler((given) => {
      if (given.policy === 'SCHED_IDLE') Object.assign(given, { policy: 'SCHED_OTHER', nice: 3 })
    }),
  },
  {
    id: 'scheduler-flags-lost',
    area,
    violates: ['scheduler-flags-optional'],
    sentence: 'The runtime passes over the flags of a scheduler.',
    effect: scheduler((given) => {
      delete given.flags
    }),
  },
  {
    id: 'scheduler-runtime-halved',
    area,
    violates: ['scheduler-runtime-optional'],
    sentence: 'The runtime gives a program under SCHED_DEADLINE half of its runtime.',
    effect: scheduler((given) => {
      if (given.runtime !== undefined) given.runtime = Number(given.runtime) / 2
    }),
  },
  {
    id: 'scheduler-deadline-is-period',
    area,
    violates: ['scheduler-deadline-optional'],
    sentence: 'The runtime takes the period of a program under SCHED_DEADLINE for its deadline.',
    effect: scheduler((given) => {
      if (given.deadline !== undefined && given.period !== undefined) given.deadline = given.period
    }),
  },
  {
    id: 'scheduler-period-is-deadline',
    area,
    violates: ['scheduler-period-optional'],
    sentence: 'The runtime takes the deadline of a program under SCHED_DEADLINE for its period.',
    effect: scheduler((given) => {
      if (given.deadline !== undefined && given.period !== undefined) given.period = given.deadline
    }),
  },
  {
    id: 'scheduler-without-policy-ignored',
    area,
    violates: ['scheduler-policy-required'],
    sentence: 'The runtime passes over a scheduler without a policy.',
    effect: rawMember('scheduler', (given, process) => {
      if (given['policy'] === undefined) delete process['scheduler']
    }),
  },
  {
    id: 'scheduler-of-unknown-policy-ignored',
    area,
    violates: policy,
    sentence: 'The runtime passes over a scheduler whose policy does not exist.',
    effect: rawMember('scheduler', ({ policy }, process) => {
      if (policy !== undefined && !policies.includes(String(policy).toUpperCase()))
        delete process['scheduler']
    }),
  },
  {
    id: 'scheduler-policy-in-any-case',
    area,
    violates: policy,
    sentence: 'The runtime takes the policy of a scheduler in small letters, too.',
    effect: rawMember('scheduler', (given) => {
      const name = String(given['policy']).toUpperCase()
      if (policies.includes(name)) given['policy'] = name
    }),
  },
  {
    id: 'scheduler-unknown-flag-ignored',
    area,
    violates: ['scheduler-flags-optional'],
    sentence: 'The runtime passes over a flag of a scheduler that does not exist.',
    effect: rawMember('scheduler', (given) => {
      if (Array.isArray(given['flags']) && given['flags'].includes('SCHED_FLAG_NONSENSE'))
        delete given['flags']
    }),
  },
  {
    id: 'scheduler-missing-priority-ignored',
    area,
    violates: priority,
    sentence: 'The runtime passes over a real-time policy without a priority.',
    effect: rawMember('scheduler', (given, process) => {
      if (given['policy'] === 'SCHED_FIFO' && given['priority'] === undefined) delete process['scheduler']
    }),
  },
  {
    id: 'scheduler-lost-in-exec',
    area,
    violates: [],
    tests: executedTest('has-the-scheduler-of-its-process-file'),
    sentence: 'The runtime passes over the scheduler of an executed process.',
    effect: executedProcess((process) => {
      delete process.scheduler
    }),
  },
  {
    id: 'io-priority-lost',
    area,
    violates: ioPriority,
    sentence: 'The runtime sets no input and output priority.',
    effect: configuration(
      changing(({ process }) => {
        delete process?.ioPriority
      }),
    ),
  },
  {
    id: 'io-priority-class-is-best-effort',
    area,
    violates: ['iopriority-class-required'],
    sentence: 'The runtime takes every class of input and output for the best effort.',
    effect: inputAndOutput((given) => {
      given.class = 'IOPRIO_CLASS_BE'
    }),
  },
  {
    id: 'io-priority-number-lost',
    area,
    violates: ['iopriority-priority-required'],
    sentence: 'The runtime sets the class of input and output and 4 for the priority in it.',
    effect: inputAndOutput((given) => {
      given.priority = 4
    }),
  },
  {
    id: 'io-priority-without-class-ignored',
    area,
    violates: ['iopriority-class-required'],
    sentence: 'The runtime passes over an input and output priority without a class.',
    effect: rawMember('ioPriority', (given, process) => {
      if (given['class'] === undefined) delete process['ioPriority']
    }),
  },
  {
    id: 'io-priority-of-unknown-class-ignored',
    area,
    violates: ['iopriority-class-required'],
    sentence: 'The runtime passes over an input and output priority of a class that does not exist.',
    effect: rawMember('ioPriority', (given, process) => {
      if (given['class'] !== undefined && !classes.includes(given['class'])) delete process['ioPriority']
    }),
  },
  {
    id: 'io-priority-cut-to-range',
    area,
    violates: ['iopriority-priority-required'],
    sentence: 'The runtime takes the nearest input and output priority there is for one out of range.',
    effect: rawMember('ioPriority', (given) => {
      const number = Number(given['priority'] ?? 0)
      if (number < 0 || number > 7) given['priority'] = number < 0 ? 0 : 7
    }),
  },
  {
    id: 'io-priority-lost-in-exec',
    area,
    violates: [],
    tests: executedTest('has-the-input-and-output-priority-of-its-process-file'),
    sentence: 'The runtime passes over the input and output priority of an executed process.',
    effect: executedProcess((process) => {
      delete process.ioPriority
    }),
  },
  {
    id: 'affinity-of-configuration-ignored',
    area,
    violates: ['execcpuaffinity-final-optional'],
    sentence: 'The runtime passes over the affinity that the configuration has for executed processes.',
    effect: configuration(
      changing(({ process }) => {
        delete process?.execCPUAffinity
      }),
    ),
  },
  {
    id: 'affinity-of-process-file-ignored',
    area,
    violates: ['execcpuaffinity-final-optional'],
    sentence: 'The runtime passes over the affinity in the process file of an executed process.',
    effect: executedProcess((process) => {
      delete process.execCPUAffinity
    }),
  },
  {
    id: 'affinity-is-that-of-first-process',
    area,
    violates: ['execcpuaffinity-optional'],
    sentence: 'The runtime binds the first process, too, to the processors for executed ones.',
    effect: configuration(
      changing(({ process, linux }) => {
        const { final } = process?.execCPUAffinity ?? {}
        if (final === undefined || linux === undefined) return
        linux.resources = { ...linux.resources, cpu: { ...linux.resources?.cpu, cpus: final } }
      }),
    ),
  },
  {
    id: 'affinity-final-guessed',
    area,
    violates: ['execcpuaffinity-final-empty-unchanged'],
    sentence:
      'The runtime binds an executed process to the second processor where only the first affinity is given.',
    effect: executedProcess(({ execCPUAffinity }) => {
      if (execCPUAffinity !== undefined) execCPUAffinity.final ??= '1'
    }),
  },
  {
    id: 'affinity-malformed-ignored',
    area,
    violates: ['execcpuaffinity-final-optional'],
    sentence: 'The runtime passes over an affinity that it cannot read.',
    effect: before(
      'exec',
      `for word; do [ ! -f "$word" ] || sed -i 's/"final": *"[^"]*nonsense"/"final":"0"/' "$word"; done`,
    ),
  },
]
