import {
  all,
  before,
  configuration,
  configurationDocument,
  type Effect,
  everyProcess,
  executedProcess,
  type Fault,
  options,
  type ProcessChange,
  type Verb,
} from '../harness/fault/index.ts'
import { changing, type JsonObject, type ProcessSpec } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

/** Changes every text of a list of a process. */
const eachOf =
  (member: 'args' | 'env', change: (text: string) => string): ProcessChange =>
  (process) => {
    const list = process[member]
    if (list !== undefined) process[member] = list.map(change)
  }

/** Changes the program of a process, as it is named. */
const programAs =
  (change: (name: string) => string): ProcessChange =>
  (process) => {
    const [name, ...others] = process.args ?? []
    if (name !== undefined) process.args = [change(name), ...others]
  }

/** Changes the variable PATH. */
const pathAs = (change: (path: string) => string): ProcessChange =>
  eachOf('env', (variable) => (variable.startsWith('PATH=') ? `PATH=${change(variable.slice(5))}` : variable))

interface Mistake {
  readonly violates: readonly string[]
  readonly sentence: string
  readonly change: ProcessChange
  /** The test that has to notice where only an executed process is concerned; undefined where no test is about that. */
  readonly executed?: string
}

const theArguments = ['process-args-execvp-semantics']
const ofFile = (what: string) => `process/an-executed-process-has-the-${what}-of-its-process-file`

/** What may be wrong with a process. */
const mistakes: Readonly<Record<string, Mistake>> = {
  'cwd-is-root': {
    violates: ['process-cwd-applied'],
    sentence: 'starts a program in the root directory, wherever it is to start',
    change: (process) => {
      process.cwd = '/'
    },
    executed: ofFile('working-directory'),
  },
  'cwd-is-parent': {
    violates: ['process-cwd-applied'],
    sentence: 'starts a program in the directory above the configured one',
    change: (process) => {
      process.cwd = process.cwd?.replace(/(.)\/[^/]*$/, '$1') ?? '/'
    },
  },
  'env-gets-variable': {
    violates: ['process-env-optional'],
    sentence: 'adds a variable of its own to the environment of a program',
    change: (process) => {
      process.env = [...(process.env ?? []), 'CONTAINER=yes']
    },
    executed: 'process/an-executed-process-has-the-environment-of-its-process-file-and-no-other',
  },
  'env-without-empty-variables': {
    violates: ['process-env-optional'],
    sentence: 'leaves variables with empty values out of the environment of a program',
    change: (process) => {
      process.env = (process.env ?? []).filter((variable) => !variable.endsWith('='))
    },
    executed: 'process/an-executed-process-has-the-environment-of-its-process-file-and-no-other',
  },
  'env-cut-at-second-equals-sign': {
    violates: ['process-env-optional'],
    sentence: 'cuts the value of a variable at an equals sign',
    change: eachOf('env', (variable) => variable.split('=').slice(0, 2).join('=')),
  },
  'env-trimmed': {
    violates: ['process-env-optional'],
    sentence: 'trims the values of variables',
    change: eachOf('env', (variable) => variable.trim()),
  },
  'env-home-of-user-database': {
    violates: ['process-env-optional'],
    sentence: 'sets HOME to the home of the user, also where it is configured',
    change: eachOf('env', (variable) => (variable.startsWith('HOME=') ? 'HOME=/root' : variable)),
  },
  'env-ascii-only': {
    violates: ['process-env-optional'],
    sentence: 'puts question marks in the place of letters of the environment that are not of ASCII',
    change: eachOf('env', (variable) => variable.replaceAll(/[^\x20-\x7e]/gu, '?')),
  },
  'env-path-where-none': {
    violates: ['process-env-optional'],
    sentence: 'gives a program a PATH where no environment is configured',
    change: (process) => {
      process.env ??= ['PATH=/usr/bin:/bin']
    },
  },
  'args-without-empty-ones': {
    violates: theArguments,
    sentence: 'leaves empty arguments out',
    change: (process) => {
      process.args = (process.args ?? []).filter((argument) => argument !== '')
    },
    executed: 'process/the-arguments-of-a-process-file-reach-the-program-unchanged',
  },
  'args-trimmed': {
    violates: theArguments,
    sentence: 'trims the arguments of a program',
    change: eachOf('args', (argument) => argument.trim()),
  },
  'args-home-expanded': {
    violates: theArguments,
    sentence: 'expands $HOME in the arguments of a program',
    change: eachOf('args', (argument) => argument.replaceAll('$HOME', '/root')),
  },
  'args-first-line-only': {
    violates: theArguments,
    sentence: 'takes only the first line of an argument',
    change: eachOf('args', (argument) => argument.split('\n', 1)[0] ?? ''),
  },
  'args-without-backslash': {
    violates: theArguments,
    sentence: 'loses backslashes of arguments',
    change: eachOf('args', (argument) => argument.replaceAll('\\', '')),
    executed: 'process/the-arguments-of-a-process-file-reach-the-program-unchanged',
  },
  'args-program-by-last-name': {
    violates: theArguments,
    sentence: 'looks a program up along PATH that is named with a slash',
    change: programAs((name) => name.split('/').at(-1) ?? ''),
  },
  'args-program-relative-to-root': {
    violates: theArguments,
    sentence: 'takes a program with a relative path from the root directory',
    change: programAs((name) => (name.startsWith('./') ? name.slice(1) : name)),
  },
  'path-is-usual-one': {
    violates: theArguments,
    sentence: 'looks programs up along the usual directories and not along the configured PATH',
    change: pathAs(() => '/usr/sbin:/usr/bin:/sbin:/bin'),
  },
  'path-searched-backwards': {
    violates: theArguments,
    sentence: 'looks programs up from the last directory of PATH to the first',
    change: pathAs((path) => path.split(':').reverse().join(':')),
  },
  'path-has-more': {
    violates: theArguments,
    sentence: 'looks programs up in a directory below /opt, too, when they are not found along PATH',
    change: pathAs((path) => `${path}:/opt/first`),
  },
  'apparmor-profile-dropped': {
    violates: ['process-apparmor-optional'],
    sentence: 'passes over the AppArmor profile of a process',
    change: (process) => {
      delete process.apparmorProfile
    },
  },
  'selinux-label-dropped': {
    violates: ['process-selinuxlabel-optional'],
    sentence: 'passes over the SELinux label of a process',
    change: (process) => {
      delete process.selinuxLabel
    },
  },
  'new-privileges-never-barred': {
    violates: ['process-nonewprivileges-optional'],
    sentence: 'bars no program from gaining privileges',
    change: (process) => {
      process.noNewPrivileges = false
    },
    executed: ofFile('bar-to-new-privileges'),
  },
  'new-privileges-always-barred': {
    violates: ['process-nonewprivileges-optional'],
    sentence: 'bars every program from gaining privileges',
    change: (process) => {
      process.noNewPrivileges = true
    },
  },
  'new-privileges-barred-by-default': {
    violates: ['process-nonewprivileges-optional'],
    sentence: 'bars a program from gaining privileges where nothing is configured',
    change: (process) => {
      process.noNewPrivileges ??= true
    },
  },
  'oom-score-dropped': {
    violates: ['process-oomscoreadj-set'],
    sentence: 'does not set the out-of-memory score adjustment',
    change: (process) => {
      delete process.oomScoreAdj
    },
    executed: ofFile('out-of-memory-score-adjustment'),
  },
  'oom-score-one-less': {
    violates: ['process-oomscoreadj-set'],
    sentence: 'sets an out-of-memory score adjustment one less than the configured one',
    change: (process) => {
      if (process.oomScoreAdj !== undefined) process.oomScoreAdj = Number(process.oomScoreAdj) - 1
    },
  },
  'oom-score-of-zero-not-set': {
    violates: ['process-oomscoreadj-set'],
    sentence: 'takes an out-of-memory score adjustment of 0 for none',
    change: (process) => {
      if (process.oomScoreAdj === 0) delete process.oomScoreAdj
    },
  },
  'oom-score-zero-by-default': {
    violates: ['process-oomscoreadj-unset-unchanged'],
    sentence: 'sets an out-of-memory score adjustment of 0 where none is configured',
    change: (process) => {
      process.oomScoreAdj ??= 0
    },
  },
}

/** What a runtime may accept in a process, by what it makes of that. */
const tolerated: Readonly<
  Record<string, readonly [sentence: string, violates: string, mend: (process: JsonObject) => void]>
> = {
  'cwd-missing-is-root': [
    'starts a program in the root directory where no working directory is configured',
    'process-cwd-required',
    (process) => {
      process['cwd'] ??= '/'
    },
  ],
  'cwd-empty-is-root': [
    'takes an empty working directory for the root directory',
    'process-cwd-required',
    (process) => {
      if (process['cwd'] === '') process['cwd'] = '/'
    },
  ],
  'cwd-relative-to-root': [
    'takes a relative working directory from the root directory',
    'process-cwd-absolute',
    (process) => {
      if (typeof process['cwd'] === 'string' && /^\w/.test(process['cwd']))
        process['cwd'] = `/${process['cwd']}`
    },
  ],
  'cwd-with-dot-relative-to-root': [
    'takes a working directory that begins with a dot from the root directory',
    'process-cwd-absolute',
    (process) => {
      if (typeof process['cwd'] === 'string') process['cwd'] = process['cwd'].replace(/^\.\//, '/')
    },
  ],
  'args-missing-is-shell': [
    'runs a shell where no arguments are configured',
    'process-args-one-entry-required',
    (process) => {
      process['args'] ??= ['sh']
    },
  ],
  'args-empty-is-shell': [
    'runs a shell where the list of arguments is empty',
    'process-args-one-entry-required',
    (process) => {
      if (Array.isArray(process['args']) && process['args'].length === 0) process['args'] = ['sh']
    },
  ],
}

/** Passes a descriptor of the runtime's own on to the program. */
const leaking = (verb: Verb): Effect =>
  all(
    before(verb, 'exec 3</etc/hostname'),
    options(verb, (given) => [
      ...given.filter(({ name }) => name !== '--preserve-fds'),
      { name: '--preserve-fds', value: '1' },
    ]),
  )

/** Where descriptors may leak, with the test that has to notice beside those of the requirement. */
const leaks: readonly (readonly [
  verb: Verb,
  what: string,
  violates: readonly string[],
  test: readonly string[],
])[] = [
  ['run', 'a program that it runs', ['fds-only-stdio-by-default'], []],
  ['create', 'the program of a container that it creates', ['fds-only-stdio-by-default'], []],
  [
    'exec',
    'a process that it executes',
    [],
    ['process/an-executed-process-has-no-descriptors-but-standard-input-output-and-error'],
  ],
]

const streams = 'process/standard-output-and-standard-error-stay-apart-and-standard-input-is-read-to-its-end'

export const process: readonly Fault[] = [
  {
    id: 'rlimit-hard-is-soft',
    area: 'rlimits',
    violates: ['rlimits-hard-matches'],
    sentence: 'The runtime sets the soft limit right and takes it for the hard limit, too.',
    effect: everyProcess(({ rlimits = [] }) => {
      for (const rlimit of rlimits) rlimit.hard = rlimit.soft
    }),
  },
  {
    id: 'capability-too-many',
    area: 'capabilities',
    violates: ['capabilities-bounding-optional'],
    sentence: 'The runtime leaves one capability too many in the bounding set.',
    effect: configuration(
      changing(({ process }) => {
        const { bounding } = process?.capabilities ?? {}
        if (bounding !== undefined && !bounding.includes('CAP_SYS_TIME')) bounding.push('CAP_SYS_TIME')
      }),
    ),
  },
  ...Object.entries(mistakes).map(
    ([id, { violates, sentence, change, executed }]): Fault => ({
      id,
      area: 'process',
      violates,
      ...(executed === undefined ? {} : { tests: [executed] }),
      sentence: `The runtime ${sentence}.`,
      effect: everyProcess(change),
    }),
  ),
  ...Object.entries(mistakes).flatMap(([id, { sentence, change, executed }]): Fault[] => {
    if (executed === undefined) return []
    return [
      {
        id: `${id}-if-executed`,
        area: 'process',
        violates: [],
        tests: [executed],
        sentence: `The runtime ${sentence}, where that is executed in a container.`,
        effect: executedProcess(change),
      },
    ]
  }),
  ...Object.entries(tolerated).map(
    ([id, [sentence, violates, mend]]): Fault => ({
      id,
      area: 'process',
      violates: [violates],
      sentence: `The runtime ${sentence}.`,
      effect: configurationDocument(({ process }) => {
        if (isObject(process)) mend(process)
      }),
    }),
  ),
  {
    id: 'oom-score-never-negative',
    area: 'process',
    violates: [],
    tests: ['process/the-program-has-the-configured-out-of-memory-score-adjustment-minus-321'],
    sentence: 'The runtime sets a negative out-of-memory score adjustment without its sign.',
    effect: everyProcess((process) => {
      if (process.oomScoreAdj !== undefined) process.oomScoreAdj = Math.abs(Number(process.oomScoreAdj))
    }),
  },
  {
    id: 'cwd-relative-to-root-if-executed',
    area: 'process',
    violates: [],
    tests: ['process/a-process-file-with-a-relative-working-directory-is-refused'],
    sentence:
      'The runtime takes the relative working directory of an executed process from the root directory.',
    effect: executedProcess((process: ProcessSpec) => {
      if (process.cwd?.startsWith('/') === false) process.cwd = `/${process.cwd}`
    }),
  },
  {
    id: 'stdin-is-devnull',
    area: 'process',
    violates: [],
    tests: [streams],
    sentence: 'The runtime connects the standard input of a container to /dev/null.',
    effect: before(['create', 'run'], 'exec </dev/null'),
  },
  {
    id: 'stdin-is-configuration',
    area: 'process',
    violates: ['fds-may-be-devnull'],
    tests: [streams],
    sentence:
      'The runtime leaves the file that it read the configuration from as the standard input of a program.',
    effect: before('run', 'exec <"$BUNDLE/config.json"'),
  },
  {
    id: 'streams-mixed',
    area: 'process',
    violates: [],
    tests: [streams],
    sentence: 'The runtime prints the standard error of a program on its standard output.',
    effect: before(['create', 'run'], 'exec 2>&1'),
  },
  {
    id: 'streams-swapped',
    area: 'process',
    violates: [],
    tests: [streams],
    sentence:
      'The runtime prints the standard error of a program on its standard output and the other way round.',
    effect: before(['create', 'run'], 'exec 9>&1 >&2 2>&9 9>&-'),
  },
  ...leaks.map(
    ([verb, what, violates, tests]): Fault => ({
      id: `descriptor-leaks-at-${verb}`,
      area: 'process',
      violates,
      ...(tests.length === 0 ? {} : { tests }),
      sentence: `The runtime passes a descriptor of its own on to ${what}.`,
      effect: leaking(verb),
    }),
  ),
  {
    id: 'rootfs-hidden',
    area: 'process',
    violates: [],
    tests: ['process/the-program-sees-the-files-of-the-root-file-system'],
    sentence: 'The runtime hides the root file system behind an empty one of its own.',
    effect: configuration(
      changing((spec) => {
        spec.mounts = [{ destination: '/', type: 'tmpfs', source: 'tmpfs' }, ...(spec.mounts ?? [])]
      }),
    ),
  },
  {
    id: 'children-outlive-container',
    area: 'process',
    violates: [],
    tests: [
      'process/when-the-first-process-ends-the-kernel-has-ended-and-reaped-all-others-of-its-pid-namespace',
    ],
    sentence:
      'The runtime makes no pid namespace, so that processes outlive the first one of their container.',
    effect: configuration(
      changing(({ linux: { namespaces = [] } = {} }) => {
        const position = namespaces.findIndex(({ type }) => type === 'pid')
        if (position !== -1) namespaces.splice(position, 1)
      }),
    ),
  },
]
