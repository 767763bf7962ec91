import {
  configuration,
  type Effect,
  everyProcess,
  executedProcess,
  type Fault,
  type ProcessChange,
  when,
} from '../harness/fault/index.ts'
import { type CapabilitySets, capabilityNames, changing } from '../harness/spec/index.ts'
import { configuredObject, objectAt, refused } from './configured.ts'

const area = 'capabilities'

type SetName = keyof CapabilitySets

const setNames = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const

/** Capability sets of which none is missing. */
type Sets = Record<SetName, string[]>

function requirementsOf(...names: readonly SetName[]): readonly string[] {
  return names.map((name) => `capabilities-${name}-optional`)
}

function changingSets(change: (sets: CapabilitySets) => void): ProcessChange {
  return ({ capabilities }) => {
    if (capabilities !== undefined) change(capabilities)
  }
}

/** The capabilities of the first process are others. */
function ofFirst(change: (sets: CapabilitySets) => void): Effect {
  return configuration(
    changing(({ process }) => {
      if (process !== undefined) changingSets(change)(process)
    }),
  )
}

function whole(sets: CapabilitySets): Sets {
  const { bounding = [], effective = [], permitted = [], inheritable = [], ambient = [] } = sets
  return { bounding, effective, permitted, inheritable, ambient }
}

/** Sets with a capability more in some of them. */
function adding(capability: string, ...names: readonly SetName[]) {
  return (sets: CapabilitySets) => {
    for (const name of names) {
      const set = sets[name] ?? []
      if (!set.includes(capability)) sets[name] = [...set, capability]
    }
  }
}

/** Sets with a capability less in some of them. */
function dropping(capability: string, ...names: readonly SetName[]) {
  return (sets: CapabilitySets) => {
    for (const name of names) sets[name] = (sets[name] ?? []).filter((other) => other !== capability)
  }
}

function leavingOut(name: SetName) {
  return (sets: CapabilitySets) => {
    delete sets[name]
  }
}

/** Sets of which one is the copy of another. */
function copying(from: SetName, ...to: readonly SetName[]) {
  return (sets: CapabilitySets) => {
    const source = sets[from] ?? []
    for (const name of to) sets[name] = [...source]
  }
}

/** Names that this runtime takes for none. */
function knowing(knows: (name: string) => boolean) {
  return (sets: CapabilitySets) => {
    for (const name of setNames) {
      const set = sets[name]
      if (set !== undefined) sets[name] = set.filter(knows)
    }
  }
}

const isKnown = (name: string) => capabilityNames.some((known) => known === name)

/** Capabilities of Linux before 5.8: the later ones are PERFMON, BPF and CHECKPOINT_RESTORE. */
const olderNames: readonly string[] = capabilityNames.slice(0, 38)

function executedSetTest(name: SetName): string {
  return `capabilities/the-${name}-set-of-an-executed-process-is-that-of-its-process-file`
}

/** What is wrong about the sets of executed processes alone, by the set that shows it. */
const ofExecuted: readonly (readonly [SetName, string, (sets: CapabilitySets) => void])[] = [
  ['bounding', 'has a capability too many in the bounding set', adding('CAP_SYS_TIME', 'bounding')],
  ['permitted', 'keeps a capability too many', adding('CAP_SYS_TIME', 'bounding', 'permitted')],
  [
    'effective',
    'lacks a capability in every set',
    dropping('CAP_NET_RAW', 'bounding', 'effective', 'permitted', 'inheritable', 'ambient'),
  ],
  ['inheritable', 'inherits all that it is permitted', copying('permitted', 'inheritable')],
  ['ambient', 'has no ambient capabilities', leavingOut('ambient')],
]

/** An effect that shows with `exec` only where no file describes the process. */
function byWords(effect: Effect): Effect {
  return when(({ options }) => !options.some(({ name }) => name === '--process'), effect)
}

export const capabilities: readonly Fault[] = [
  {
    id: 'capability-never-dropped',
    area,
    violates: requirementsOf('bounding', 'effective', 'permitted'),
    sentence: 'The runtime never takes CAP_SYSLOG away.',
    effect: ofFirst(adding('CAP_SYSLOG', 'bounding', 'effective', 'permitted')),
  },
  {
    id: 'capability-never-granted',
    area,
    violates: requirementsOf(...setNames),
    sentence: 'The runtime does not know CAP_NET_RAW and grants it to nobody.',
    effect: everyProcess(changingSets(knowing((name) => name !== 'CAP_NET_RAW'))),
  },
  {
    id: 'capabilities-of-old-kernels',
    area,
    violates: requirementsOf('bounding', 'effective'),
    sentence: 'The runtime knows no capability that Linux has had only since 5.8.',
    effect: everyProcess(changingSets(knowing((name) => olderNames.includes(name)))),
  },
  {
    id: 'capability-chown-always-granted',
    area,
    violates: requirementsOf('effective', 'permitted'),
    tests: ['capabilities/a-program-can-do-what-a-capability-is-for-only-where-it-was-granted'],
    sentence: 'The runtime grants CAP_CHOWN to every program.',
    effect: ofFirst(adding('CAP_CHOWN', 'bounding', 'effective', 'permitted')),
  },
  {
    id: 'capabilities-bounding-untouched',
    area,
    violates: requirementsOf('bounding'),
    sentence: 'The runtime sets four of the sets and leaves the bounding set as it is.',
    effect: ofFirst((sets) => {
      sets.bounding = [...capabilityNames]
    }),
  },
  {
    id: 'capabilities-bounding-is-inheritable',
    area,
    violates: requirementsOf('inheritable'),
    sentence: 'The runtime makes every capability of the bounding set inheritable.',
    effect: ofFirst(copying('bounding', 'inheritable')),
  },
  {
    id: 'capabilities-inheritable-left-out',
    area,
    violates: requirementsOf('inheritable'),
    sentence: 'The runtime leaves the inheritable set empty, and with it the ambient one.',
    effect: ofFirst(leavingOut('inheritable')),
  },
  {
    id: 'capabilities-ambient-left-out',
    area,
    violates: requirementsOf('ambient'),
    sentence: 'The runtime leaves the ambient set empty.',
    effect: ofFirst(leavingOut('ambient')),
  },
  {
    id: 'capabilities-ambient-is-inheritable',
    area,
    violates: requirementsOf('ambient'),
    sentence: 'The runtime makes every inheritable capability ambient, too.',
    effect: ofFirst(copying('inheritable', 'ambient')),
  },
  {
    id: 'capabilities-permitted-left-out',
    area,
    violates: requirementsOf('permitted'),
    sentence: 'The runtime leaves the permitted set empty, and with it the effective and the ambient one.',
    effect: ofFirst((sets) => {
      for (const name of ['permitted', 'effective', 'ambient'] as const) delete sets[name]
    }),
  },
  {
    id: 'capabilities-effective-left-out',
    area,
    violates: requirementsOf('effective'),
    sentence: 'The runtime leaves the effective set empty before it becomes the program.',
    effect: ofFirst(leavingOut('effective')),
    unseen:
      'execve(2) makes the effective set anew, of the permitted one for root and of the ambient one for other users.',
  },
  {
    id: 'capabilities-kept-over-change-of-user',
    area,
    violates: requirementsOf('effective', 'permitted', 'ambient'),
    sentence: 'The runtime lets a program of another user than root keep all that is permitted.',
    effect: configuration(
      changing(({ process }) => {
        const { uid = 0 } = process?.user ?? {}
        if (process?.capabilities !== undefined && uid !== 0)
          copying('permitted', 'inheritable', 'ambient')(process.capabilities)
      }),
    ),
  },
  {
    id: 'capabilities-empty-is-default',
    area,
    violates: requirementsOf(...setNames),
    sentence: 'The runtime takes five empty capability sets for missing ones and grants CAP_KILL by default.',
    effect: ofFirst((sets) => {
      const given = whole(sets)
      if (setNames.every((name) => given[name].length === 0)) adding('CAP_KILL', ...setNames)(sets)
    }),
  },
  {
    id: 'capabilities-missing-set-is-permitted',
    area,
    violates: requirementsOf('inheritable', 'ambient'),
    sentence: 'The runtime takes the permitted set for an inheritable or ambient set that is left out.',
    effect: ofFirst((sets) => {
      for (const name of ['inheritable', 'ambient'] as const)
        if (sets[name] === undefined) copying('permitted', name)(sets)
    }),
  },
  {
    id: 'capabilities-must-be-given',
    area,
    violates: ['capabilities-optional'],
    sentence: 'The runtime refuses a process without capabilities.',
    effect: refused((document) => objectAt(document, 'process')?.['capabilities'] === undefined),
  },
  {
    id: 'capability-unknown-refused',
    area,
    violates: ['capabilities-unmappable-warned'],
    sentence: 'The runtime refuses a configuration with a capability that does not exist.',
    effect: refused((document) =>
      Object.values(objectAt(document, 'process', 'capabilities') ?? {}).some(
        (set) => Array.isArray(set) && !set.every((name) => isKnown(String(name))),
      ),
    ),
  },
  {
    id: 'capability-unknown-ends-the-list',
    area,
    violates: ['capabilities-unmappable-warned'],
    sentence: 'The runtime reads a list of capabilities up to the first that does not exist.',
    effect: ofFirst((sets) => {
      for (const name of setNames) {
        const set = sets[name] ?? []
        const end = set.findIndex((capability) => !isKnown(capability))
        if (end !== -1) sets[name] = set.slice(0, end)
      }
    }),
  },
  {
    id: 'capability-unknown-passed-over-in-silence',
    area,
    violates: ['capabilities-unmappable-warned'],
    sentence: 'The runtime says nothing of capabilities that do not exist.',
    effect: configuredObject(['process', 'capabilities'], (sets) => {
      for (const [name, set] of Object.entries(sets))
        if (Array.isArray(set)) sets[name] = set.filter((capability) => isKnown(String(capability)))
    }),
  },
  ...ofExecuted.map(
    ([name, what, change]): Fault => ({
      id: `capabilities-${name}-wrong-in-exec`,
      area,
      violates: [],
      tests: [executedSetTest(name)],
      sentence: `The runtime is right about the first process, and one that it executes ${what}.`,
      effect: executedProcess(changingSets(change)),
    }),
  ),
  {
    id: 'capabilities-dropped-in-exec-by-words',
    area,
    violates: [],
    tests: ['capabilities/a-process-executed-by-words-alone-has-the-capabilities-of-the-configuration'],
    sentence: 'The runtime gives a process that is executed by words alone no capability but CAP_KILL.',
    effect: byWords(
      executedProcess(({ capabilities }) => {
        for (const name of setNames) if (capabilities !== undefined) capabilities[name] = ['CAP_KILL']
      }),
    ),
  },
]
