import {
  configuration,
  everyProcess,
  executedProcess,
  type Fault,
  type ProcessChange,
} from '../harness/fault/index.ts'
import { changing, type User } from '../harness/spec/index.ts'

/** What may be wrong with the user of a process; users that are not configured are root. */
const mistakes: Readonly<
  Record<string, readonly [sentence: string, violates: readonly string[], change: (user: User) => void]>
> = {
  'user-is-root': [
    'runs every program as root',
    ['user-uid-required'],
    (user) => {
      user.uid = 0
    },
  ],
  'user-group-is-root': [
    'runs every program in the group of root',
    ['user-gid-required'],
    (user) => {
      user.gid = 0
    },
  ],
  'user-group-is-that-of-user': [
    'runs a program in the group whose number is that of its user',
    ['user-gid-required'],
    (user) => {
      user.gid = user.uid ?? 0
    },
  ],
  'user-groups-dropped': [
    'gives a program none of its additional groups',
    ['user-additionalgids-optional'],
    (user) => {
      delete user.additionalGids
    },
  ],
  'user-last-group-lost': [
    'gives a program all of its additional groups but the last',
    ['user-additionalgids-optional'],
    (user) => {
      user.additionalGids = (user.additionalGids ?? []).slice(0, -1)
    },
  ],
  'user-groups-of-root-dropped': [
    'gives a program that runs as root no additional groups',
    ['user-additionalgids-optional'],
    (user) => {
      if (user.uid === 0) delete user.additionalGids
    },
  ],
  'user-in-group-of-root-besides': [
    'leaves a program in the group of root beside its own ones',
    ['user-additionalgids-optional'],
    (user) => {
      user.additionalGids = [...(user.additionalGids ?? []), 0]
    },
  ],
  'user-umask-dropped': [
    'sets no umask',
    ['user-umask-optional'],
    (user) => {
      delete user.umask
    },
  ],
  'user-umask-of-others-only': [
    'takes only the last digit of a umask',
    ['user-umask-optional'],
    (user) => {
      if (user.umask !== undefined) user.umask &= 0o7
    },
  ],
  'user-umask-of-zero-is-none': [
    'takes a umask of 0 for none',
    ['user-umask-optional'],
    (user) => {
      if (user.umask === 0) delete user.umask
    },
  ],
  'user-umask-fixed': [
    'sets a umask of 0022 where none is configured',
    ['user-umask-unset-unchanged'],
    (user) => {
      user.umask ??= 0o022
    },
  ],
}

/** A change of a process's user. */
const ofUser =
  (change: (user: User) => void): ProcessChange =>
  (process) => {
    process.user ??= { uid: 0, gid: 0 }
    change(process.user)
  }

/** What is lost only where a process is executed, with the test that has to notice. */
const onlyExecuted: Readonly<Record<string, string>> = {
  'user-is-root': 'user/an-executed-process-has-the-user-id-of-its-process-file',
  'user-group-is-root': 'user/an-executed-process-has-the-group-id-of-its-process-file',
  'user-groups-dropped': 'user/an-executed-process-has-the-supplementary-groups-of-its-process-file',
  'user-umask-dropped': 'user/an-executed-process-has-the-umask-of-its-process-file',
}

export const user: readonly Fault[] = [
  ...Object.entries(mistakes).map(
    ([id, [sentence, violates, change]]): Fault => ({
      id,
      area: 'user',
      violates,
      sentence: `The runtime ${sentence}.`,
      effect: everyProcess(ofUser(change)),
    }),
  ),
  ...Object.entries(onlyExecuted).flatMap(([id, test]): Fault[] => {
    const [sentence, , change] = mistakes[id] ?? []
    if (sentence === undefined || change === undefined) return []
    return [
      {
        id: `${id}-if-executed`,
        area: 'user',
        violates: [],
        tests: [test],
        sentence: `The runtime ${sentence} that is executed in a container, and does it right for the first one.`,
        effect: executedProcess(ofUser(change)),
      },
    ]
  }),
  {
    id: 'user-namespace-shifted-by-one',
    area: 'user',
    violates: [],
    tests: ['user/user-and-group-id-count-inside-the-user-namespace-of-the-container'],
    sentence: 'The runtime maps the ids of a user namespace to those one above.',
    effect: configuration(
      changing(({ linux: { uidMappings = [], gidMappings = [] } = {} }) => {
        for (const mapping of [...uidMappings, ...gidMappings]) mapping.hostID += 1
      }),
    ),
  },
  ...(['uid', 'gid'] as const).map(
    (kind): Fault => ({
      id: `user-namespace-maps-more-${kind}s`,
      area: 'user',
      violates: [kind === 'uid' ? 'user-uid-required' : 'user-gid-required'],
      sentence: `The runtime maps twice as many ${kind === 'uid' ? 'user' : 'group'} ids into a user namespace as it is told.`,
      effect: configuration(
        changing(({ linux }) => {
          const mappings = linux?.[kind === 'uid' ? 'uidMappings' : 'gidMappings'] ?? []
          for (const mapping of mappings) mapping.size *= 2
        }),
      ),
    }),
  ),
]
