import {
  after,
  all,
  type Effect,
  type Fault,
  onCall,
  options,
  program,
  skip,
  status,
  updatedResources,
  when,
} from '../harness/fault/index.ts'
import type { LinuxResources } from '../harness/spec/index.ts'

const area = 'update'

/** A test of the suite, by its id. */
function named(...titles: readonly string[]): readonly string[] {
  return titles.map((title) => `update/${title}`)
}

/** A limit that update passes over: its option, and where it stands in the resources. */
interface Lost {
  readonly id: string
  readonly what: string
  readonly option: string
  readonly lose: (resources: LinuxResources) => void
}

const limits: readonly Lost[] = [
  {
    id: 'the-memory-limit',
    what: 'memory limit',
    option: '--memory',
    lose: ({ memory }) => {
      delete memory?.limit
    },
  },
  {
    id: 'the-memory-reservation',
    what: 'memory reservation',
    option: '--memory-reservation',
    lose: ({ memory }) => {
      delete memory?.reservation
    },
  },
  {
    id: 'the-cpu-shares',
    what: 'cpu shares',
    option: '--cpu-share',
    lose: ({ cpu }) => {
      delete cpu?.shares
    },
  },
  {
    id: 'the-cpu-quota',
    what: 'cpu quota',
    option: '--cpu-quota',
    lose: ({ cpu }) => {
      delete cpu?.quota
    },
  },
  {
    id: 'the-cpu-period',
    what: 'cpu period',
    option: '--cpu-period',
    lose: ({ cpu }) => {
      delete cpu?.period
    },
  },
  {
    id: 'the-limit-of-tasks',
    what: 'limit of tasks',
    option: '--pids-limit',
    lose: ({ pids }) => {
      delete pids?.limit
    },
  },
]

function lostInResources({ id, what, lose }: Lost): Fault {
  return {
    id: `update-${id.replace('the-', '')}-lost-in-resources`,
    area,
    violates: [],
    tests: named(`update-changes-${id}-from-its-standard-input-and-no-other-limit`),
    sentence: `The runtime passes over the ${what} among the resources that update is given.`,
    effect: updatedResources(lose),
  }
}

function lostAsOption({ id, what, option }: Lost): Fault {
  return {
    id: `update-${id.replace('the-', '')}-lost-as-option`,
    area,
    violates: [],
    tests: named(`update-changes-${id}-by-an-option-and-no-other-limit`),
    sentence: `The runtime passes over the option of update for the ${what}.`,
    effect: options('update', (given) => given.filter(({ name }) => name !== option)),
  }
}

const alike = limits.flatMap(({ id }) =>
  named(
    `update-changes-${id}-from-its-standard-input-and-no-other-limit`,
    `update-changes-${id}-by-an-option-and-no-other-limit`,
  ),
)

/** Another update of the container after the one that was asked for. */
function alsoUpdating(words: string): Effect {
  return after('update', `"$REAL" --root "$ROOT" update ${words} "$ID"`)
}

export const update: readonly Fault[] = [
  ...limits.map(lostInResources),
  ...limits.map(lostAsOption),
  {
    id: 'update-does-nothing',
    area,
    violates: [],
    tests: ['update', 'resources-pids/a-limit-of-tasks-that-is-raised-lets-a-running-container-make-more'],
    sentence: 'The runtime says that it has updated a container and leaves its limits as they are.',
    effect: skip('update'),
  },
  {
    id: 'update-resets-limit-of-tasks',
    area,
    violates: [],
    tests: alike.filter((test) => !test.includes('tasks')),
    sentence: 'The runtime lifts the limit of tasks when any other limit is updated.',
    effect: when(
      ({ options }) => !options.some(({ name }) => name === '--pids-limit'),
      all(
        updatedResources((resources) => {
          resources.pids ??= { limit: -1 }
        }),
        when(
          ({ options }) => !options.some(({ name }) => name === '--resources'),
          alsoUpdating('--pids-limit -1'),
        ),
      ),
    ),
  },
  {
    id: 'update-resets-cpu-shares',
    area,
    violates: [],
    tests: alike.filter((test) => !test.includes('shares')),
    sentence: 'The runtime gives a container the default cpu shares after any update.',
    effect: alsoUpdating('--cpu-share 1024'),
  },
  {
    id: 'update-loses-swap-limit',
    area,
    violates: [],
    tests: named('update-changes-the-limit-of-memory-and-swap-together'),
    sentence: 'The runtime passes over a swap limit that is updated together with the memory limit.',
    effect: updatedResources(({ memory }) => {
      if (memory?.limit !== undefined) delete memory.swap
    }),
  },
  {
    id: 'update-loses-processors',
    area,
    violates: [],
    tests: named('update-changes-the-processors-a-container-may-run-on'),
    sentence: 'The runtime passes over the processors among the resources that update is given.',
    effect: updatedResources(({ cpu }) => {
      delete cpu?.cpus
    }),
  },
  {
    id: 'update-reads-no-file',
    area,
    violates: [],
    tests: named('update-reads-the-resources-from-a-file-too'),
    sentence: 'The runtime updates a container from standard input and ignores a file.',
    effect: when(
      ({ options }) => options.some(({ name, value }) => name === '--resources' && value !== '-'),
      skip('update'),
    ),
  },
  {
    id: 'update-changes-one-kind-at-once',
    area,
    violates: [],
    tests: named('update-changes-several-limits-at-once', 'update-with-1-lifts-a-limit'),
    sentence: 'The runtime updates limits of one kind and passes over others that come with them.',
    effect: updatedResources((resources) => {
      if (resources.cpu !== undefined) delete resources.pids
      if (resources.memory !== undefined) delete resources.cpu
    }),
  },
  {
    id: 'update-works-once',
    area,
    violates: [],
    tests: named('update-changes-a-limit-for-the-second-time-as-it-did-for-the-first'),
    sentence: 'The runtime updates a container once, and never again.',
    effect: onCall('update', 2, skip('update')),
  },
  {
    id: 'update-before-start-lost',
    area,
    violates: [],
    tests: named('update-changes-the-limits-of-a-container-that-was-not-started-yet'),
    sentence: 'The runtime ignores an update of a container that was not started yet.',
    effect: when(({ history }) => !history.verbs.includes('start'), skip('update')),
  },
  {
    id: 'update-before-start-undone',
    area,
    violates: [],
    tests: named('update-changes-the-limits-of-a-container-that-was-not-started-yet'),
    sentence: 'The runtime goes back to the configured limit of tasks when it starts an updated container.',
    effect: when(
      ({ history }) => history.verbs.includes('update'),
      after('start', '"$REAL" --root "$ROOT" update --pids-limit 123 "$ID"'),
    ),
  },
  {
    id: 'update-reaches-other-containers',
    area,
    violates: [],
    tests: named('update-changes-the-limits-of-no-other-container'),
    sentence: 'The runtime sets a limit of tasks for every container when one is updated.',
    effect: after(
      'update',
      [
        'for other in $("$REAL" --root "$ROOT" list --quiet); do',
        '  [ "$other" = "$ID" ] || "$REAL" --root "$ROOT" update --pids-limit 77 "$other"',
        'done',
      ].join('\n'),
    ),
  },
  {
    id: 'update-does-not-lift',
    area,
    violates: [],
    tests: named('update-with-1-lifts-a-limit'),
    sentence: 'The runtime takes an update of the cpu quota to -1 for one that says nothing of it.',
    effect: updatedResources(({ cpu }) => {
      if (cpu?.quota === -1) delete cpu.quota
    }),
  },
  {
    id: 'update-to-zero-tasks-lifts',
    area,
    violates: ['pids-limit-zero-is-valid'],
    sentence: 'The runtime lifts the limit of tasks when it is updated to 0.',
    effect: updatedResources(({ pids }) => {
      if (pids?.limit === 0) pids.limit = -1
    }),
  },
  {
    id: 'update-ignores-what-the-kernel-refuses',
    area,
    violates: [],
    tests: named('an-update-that-the-kernel-refuses-is-an-error-and-leaves-the-limit-as-it-was'),
    sentence: 'The runtime exits with 0 when the kernel refuses what update is to set.',
    effect: when(
      ({ history }) => history.verbs.includes('create'),
      status('update', () => 0),
    ),
  },
  {
    id: 'update-that-fails-resets',
    area,
    violates: [],
    tests: named('an-update-that-the-kernel-refuses-is-an-error-and-leaves-the-limit-as-it-was'),
    sentence: 'The runtime gives a container every processor when an update of it is refused.',
    effect: program(
      'update',
      [
        '"$REAL" "$@" && exit',
        'runwright_status=$?',
        `every=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)`,
        '"$REAL" --root "$ROOT" update --cpuset-cpus "$every" "$ID"',
        'exit "$runwright_status"',
      ].join('\n'),
    ),
  },
  {
    id: 'update-of-unknown-container-succeeds',
    area,
    violates: [],
    tests: named('update-of-a-container-that-does-not-exist-is-refused'),
    sentence: 'The runtime exits with 0 when it is to update a container that does not exist.',
    effect: when(
      ({ history }) => !history.verbs.includes('create'),
      status('update', () => 0),
    ),
  },
  {
    id: 'update-pauses',
    area,
    violates: [],
    tests: [
      ...alike,
      ...named('an-update-that-the-kernel-refuses-is-an-error-and-leaves-the-limit-as-it-was'),
    ],
    sentence: 'The runtime leaves a container paused after an update.',
    effect: after('update', '"$REAL" --root "$ROOT" pause "$ID"'),
  },
  {
    id: 'update-check-lowers-to-use',
    area: 'resources-memory',
    violates: ['memory-checkbeforeupdate-rejects'],
    sentence: 'The runtime takes the next limit that it can have where checkBeforeUpdate should refuse one.',
    effect: updatedResources(({ memory }) => {
      if (memory?.checkBeforeUpdate !== true) return
      delete memory.checkBeforeUpdate
      memory.limit = Math.max(Number(memory.limit ?? 0), 60 * 1024 * 1024)
    }),
  },
]
