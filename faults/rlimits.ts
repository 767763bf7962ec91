import { configuration, everyProcess, executedProcess, type Fault } from '../harness/fault/index.ts'
import {
  changing,
  type JsonObject,
  type Rlimit,
  type RlimitName,
  rlimitNames,
  unlimited,
} from '../harness/spec/index.ts'
import { configuredObject, objectAt, objectsIn, refused } from './configured.ts'

const area = 'rlimits'

const matches = ['rlimits-soft-matches', 'rlimits-hard-matches']

/** A fault of the first process's limits: which remain of those that are configured. */
function keeping(keep: (rlimit: Rlimit, position: number, all: readonly Rlimit[]) => boolean) {
  return configuration(
    changing(({ process }) => {
      if (process?.rlimits !== undefined) process.rlimits = process.rlimits.filter(keep)
    }),
  )
}

/** A runtime that knows all limits but one. Its tests are named, because the requirement is about all of them. */
function lost(name: RlimitName): Fault {
  const word = name.toLowerCase().replace('_', '-')
  return {
    id: `${word}-lost`,
    area,
    violates: [],
    tests: ['soft', 'hard'].map((kind) => `rlimits/the-program-has-the-configured-${kind}-limit-${word}`),
    sentence: `The runtime passes over ${name}, one resource limit of all.`,
    effect: keeping(({ type }) => type !== name),
  }
}

/** Limits as the configuration has them, of whatever shape. */
function changingList(change: (rlimits: readonly JsonObject[]) => readonly JsonObject[]) {
  return configuredObject(['process'], (process) => {
    if (process['rlimits'] !== undefined) process['rlimits'] = [...change(objectsIn(process['rlimits']))]
  })
}

const largest32 = 0xffff_ffff

const known: readonly unknown[] = rlimitNames

export const rlimits: readonly Fault[] = [
  ...rlimitNames.map(lost),
  {
    id: 'rlimit-soft-is-hard',
    area,
    violates: ['rlimits-soft-matches'],
    sentence: 'The runtime sets the hard limit right and takes it for the soft limit, too.',
    effect: everyProcess(({ rlimits = [] }) => {
      for (const rlimit of rlimits) rlimit.soft = rlimit.hard
    }),
  },
  {
    id: 'rlimits-only-first',
    area,
    violates: matches,
    sentence: 'The runtime sets the first resource limit of a list and no other.',
    effect: keeping((_, position) => position === 0),
  },
  {
    id: 'rlimits-only-last',
    area,
    violates: matches,
    sentence: 'The runtime sets the last resource limit of a list and no other.',
    effect: keeping((_, position, all) => position === all.length - 1),
  },
  {
    id: 'rlimit-zero-is-missing',
    area,
    violates: matches,
    sentence: 'The runtime takes a resource limit of 0 for one that is not given.',
    effect: keeping(({ soft, hard }) => soft !== 0 || hard !== 0),
  },
  {
    id: 'rlimit-unlimited-is-missing',
    area,
    violates: matches,
    sentence: 'The runtime leaves a limit as it is that is to be lifted.',
    effect: keeping(({ soft }) => soft !== unlimited),
  },
  {
    id: 'rlimit-of-32-bits',
    area,
    violates: matches,
    sentence: 'The runtime cuts resource limits to the largest number of 32 bits.',
    effect: everyProcess(({ rlimits = [] }) => {
      for (const rlimit of rlimits) {
        if (rlimit.soft > largest32 && rlimit.soft !== unlimited) rlimit.soft = largest32
        if (rlimit.hard > largest32 && rlimit.hard !== unlimited) rlimit.hard = largest32
      }
    }),
  },
  {
    id: 'rlimit-soft-cut-to-hard',
    area,
    violates: matches,
    sentence: 'The runtime lowers a soft limit that exceeds its hard limit instead of refusing it.',
    effect: everyProcess(({ rlimits = [] }) => {
      for (const rlimit of rlimits) if (rlimit.soft > rlimit.hard) rlimit.soft = rlimit.hard
    }),
  },
  {
    id: 'rlimit-of-unknown-type-ignored',
    area,
    violates: ['rlimits-unknown-type-errors'],
    sentence: 'The runtime passes over resource limits of types that do not exist.',
    effect: changingList((rlimits) =>
      rlimits.filter(({ type }) => type === undefined || known.includes(type)),
    ),
  },
  {
    id: 'rlimit-type-without-prefix-accepted',
    area,
    violates: ['rlimits-unknown-type-errors'],
    sentence: 'The runtime takes the type of a resource limit without its prefix, too.',
    effect: changingList((rlimits) =>
      rlimits.map((rlimit) => {
        const type = `RLIMIT_${rlimit['type']}`
        return known.includes(type) ? { ...rlimit, type } : rlimit
      }),
    ),
  },
  {
    id: 'rlimit-type-in-any-case',
    area,
    violates: ['rlimits-unknown-type-errors'],
    sentence: 'The runtime takes the type of a resource limit in small letters, too.',
    effect: changingList((rlimits) =>
      rlimits.map((rlimit) => {
        const type = String(rlimit['type']).toUpperCase()
        return known.includes(type) ? { ...rlimit, type } : rlimit
      }),
    ),
  },
  {
    id: 'rlimit-types-checked-up-to-first',
    area,
    violates: ['rlimits-unknown-type-errors'],
    sentence:
      'The runtime checks the type of the first resource limit of a list and passes over others it does not know.',
    effect: changingList((rlimits) =>
      rlimits.filter(({ type }, position) => position === 0 || known.includes(type)),
    ),
  },
  {
    id: 'rlimit-without-type-ignored',
    area,
    violates: ['rlimits-type-required'],
    sentence: 'The runtime passes over a resource limit that has no type.',
    effect: changingList((rlimits) => rlimits.filter(({ type }) => type !== undefined)),
  },
  {
    id: 'rlimit-named-twice-last-wins',
    area,
    violates: ['rlimits-duplicate-type-errors'],
    sentence: 'The runtime takes the last of several resource limits of one type instead of refusing them.',
    effect: changingList((rlimits) => [
      ...new Map(rlimits.map((rlimit) => [String(rlimit['type']), rlimit])).values(),
    ]),
  },
  {
    id: 'rlimit-without-hard-has-the-soft-one',
    area,
    violates: ['rlimits-hard-required'],
    sentence: 'The runtime takes the soft limit for a hard limit that is missing.',
    effect: changingList((rlimits) =>
      rlimits.map(({ soft, ...others }) => ({
        hard: soft ?? 0,
        ...others,
        ...(soft === undefined ? {} : { soft }),
      })),
    ),
  },
  {
    id: 'rlimits-must-be-given',
    area,
    violates: ['rlimits-optional'],
    sentence: 'The runtime refuses a process without resource limits.',
    effect: refused((document) => objectAt(document, 'process')?.['rlimits'] === undefined),
  },
  {
    id: 'rlimits-lost-in-exec',
    area,
    violates: [],
    tests: ['rlimits/an-executed-process-has-the-soft-and-hard-limits-of-its-process-file'],
    sentence: 'The runtime gives an executed process the resource limits of its container and not its own.',
    effect: executedProcess((process) => {
      delete process.rlimits
    }),
  },
  {
    id: 'rlimit-hard-is-soft-in-exec',
    area,
    violates: [],
    tests: ['rlimits/an-executed-process-has-the-soft-and-hard-limits-of-its-process-file'],
    sentence: 'The runtime takes the soft limit for the hard limit of executed processes alone.',
    effect: executedProcess(({ rlimits = [] }) => {
      for (const rlimit of rlimits) rlimit.hard = rlimit.soft
    }),
  },
]
