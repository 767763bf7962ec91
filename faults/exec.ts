import {
  all,
  before,
  type Effect,
  executedProcess,
  type Fault,
  options,
  type ProcessChange,
  program,
  status,
  when,
} from '../harness/fault/index.ts'
import { real, statusOfContainer } from './real-runtime.ts'

/** The namespaces that an executed process joins, with nsenter's option for each. */
const joined: Readonly<Record<string, string>> = {
  mnt: '--mount',
  pid: '--pid',
  net: '--net',
  ipc: '--ipc',
  uts: '--uts',
}

/**
 * Executes by joining these namespaces of the container's first process and nothing else of it: where the process is
 * given by words, and waited for.
 */
function joining(flags: readonly string[]): Effect {
  const isPlain = ({ options }: Parameters<Effect>[0]) =>
    !options.some(({ name }) => ['--process', '-p', '--detach', '-d'].includes(name))
  return when(
    isPlain,
    program(
      'exec',
      `while [ "$1" != "$ID" ]; do shift; done
shift
PATH=$PATH:/bin exec nsenter --target "$PID" --root --wd ${flags.join(' ')} "$@"`,
    ),
  )
}

const given = 'exec/an-executed-process-has-the-environment-working-directory-and-user-it-was-given'
const byWords = 'exec/a-process-executed-by-words-alone-has-the-environment-of-the-configuration'
const printing = 'exec/a-process-executed-in-a-running-container-prints'
const unknown = 'exec/exec-of-a-program-that-does-not-exist-is-refused-and-leaves-the-container-running'

const endingWith = (code: number) =>
  `exec/a-process-executed-in-a-container-that-ends-with-${code}-is-seen-to-end-with-it`

/** The tests of programs that exist and cannot be run. */
const unrunnable = ['etc', 'etc-passwd'].map(
  (name) => `exec/exec-of-${name}-which-cannot-be-run-is-refused-and-leaves-the-container-running`,
)

/** The tests of processes that a signal ends. */
const killed = [
  'term-ends-while-exec-waits-for-it-is-seen-to-end-with-143',
  'kill-ends-while-exec-waits-for-it-is-seen-to-end-with-137',
  'usr1-ends-while-exec-waits-for-it-is-seen-to-end-with-138',
].map((ending) => `exec/an-executed-process-that-sig${ending}`)

/** The tests of processes that nobody waits for. */
const detached = [
  'exec/an-executed-process-that-is-killed-ends-with-137-and-leaves-the-container-running',
  'exec/when-the-first-process-of-a-container-is-ended-an-executed-one-ends-with-it',
  'exec/the-end-of-an-executed-process-is-seen-although-its-child-holds-on-to-the-output',
]

/** What may be wrong with every process that is executed, with the tests that have to notice. */
const changes: Readonly<
  Record<string, readonly [sentence: string, change: ProcessChange, tests: readonly string[]]>
> = {
  'exec-forgets-environment': [
    'gives executed processes nothing of their environment but PATH',
    (process) => {
      process.env = (process.env ?? []).filter((variable) => variable.startsWith('PATH='))
    },
    [given, byWords],
  ],
  'exec-in-root-directory': [
    'executes every process in the root directory',
    (process) => {
      process.cwd = '/'
    },
    [given],
  ],
  'exec-as-root': [
    'executes every process as root',
    (process) => {
      process.user = { ...process.user, uid: 0, gid: 0 }
    },
    [given],
  ],
  'exec-group-is-user': [
    'executes every process in the group of the number of its user',
    (process) => {
      process.user = { ...process.user, uid: process.user?.uid ?? 0, gid: process.user?.uid ?? 0 }
    },
    [given],
  ],
  'exec-by-shell': [
    'executes every program by a shell, which is there also where the program is not',
    (process) => {
      process.args = ['/bin/sh', '-c', '"$0" "$@"; exit', ...(process.args ?? [])]
    },
    [unknown, ...unrunnable],
  ],
  'exec-output-lost': [
    'connects the standard output of executed processes to nothing',
    (process) => {
      process.args = ['/bin/sh', '-c', 'exec "$0" "$@" >/dev/null', ...(process.args ?? [])]
    },
    [printing],
  ],
}

/** Options of exec that a runtime may not heed. */
const unheeded: Readonly<Record<string, readonly [what: string, test: string]>> = {
  env: ['an environment variable', 'an-environment-variable'],
  cwd: ['a working directory', 'a-working-directory'],
  user: ['a user', 'a-user-and-group'],
}

/** What exec may make of the exit code of a process. */
const exitCodes: Readonly<
  Record<string, readonly [sentence: string, map: (code: number) => number, tests: readonly string[]]>
> = {
  'exec-always-succeeds': [
    'exits with 0 whatever a process that it executes ended with',
    () => 0,
    [1, 7, 255].map(endingWith),
  ],
  'exec-fails-with-one': [
    'exits with 1 whatever a process that it executes failed with',
    (code) => Math.min(code, 1),
    [endingWith(7), endingWith(255)],
  ],
  'exec-code-of-seven-bits': [
    'passes only seven bits of the exit code of an executed process on',
    (code) => code & 0b111_1111,
    [endingWith(255)],
  ],
  'exec-never-succeeds': [
    'exits with 1 although the process that it executes ended with 0',
    (code) => (code === 0 ? 1 : code),
    [endingWith(0), printing],
  ],
}

const whereStatus = (state: string, answer: string) =>
  program('exec', `[ "${statusOfContainer}" != "${state}" ] || ${answer}; exec "$REAL" "$@"`)

/** Tests of what exec makes of a container that does not run. */
const refusals: Readonly<Record<string, string>> = {
  stopped: 'exec/exec-in-a-stopped-container-is-refused',
  deleted: 'exec/exec-in-a-deleted-container-is-refused',
}

const preserving = ({ options }: Parameters<Effect>[0]) =>
  options.some(({ name }) => name === '--preserve-fds')

/** What may become of two descriptors that a caller preserves. */
const descriptors: Readonly<Record<string, readonly [sentence: string, effect: Effect]>> = {
  lost: [
    'passes none of the descriptors on that it is to preserve',
    options(['exec', 'create', 'run'], (given) => given.filter(({ name }) => name !== '--preserve-fds')),
  ],
  fewer: [
    'passes one descriptor less on than it is to preserve',
    options(['exec', 'create', 'run'], (given) =>
      given.map((option) =>
        option.name === '--preserve-fds' ? { ...option, value: String(Number(option.value) - 1) } : option,
      ),
    ),
  ],
  swapped: [
    'passes preserved descriptors on in another order',
    when(preserving, before(['exec', 'create', 'run'], 'exec 5>&3 3>&4 4>&5 5>&-')),
  ],
}

export const exec: readonly Fault[] = [
  ...Object.entries(changes).map(
    ([id, [sentence, change, tests]]): Fault => ({
      id,
      area: 'exec',
      violates: [],
      tests,
      sentence: `The runtime ${sentence}.`,
      effect: executedProcess(change),
    }),
  ),
  ...Object.entries(unheeded).map(
    ([name, [what, test]]): Fault => ({
      id: `exec-without-${name}-option`,
      area: 'exec',
      violates: [],
      tests: [`exec/an-executed-process-can-be-given-${test}-by-an-option`],
      sentence: `The runtime does not heed the option that gives an executed process ${what}.`,
      effect: options('exec', (given) => given.filter((option) => option.name !== `--${name}`)),
    }),
  ),
  ...Object.entries(exitCodes).map(
    ([id, [sentence, map, tests]]): Fault => ({
      id,
      area: 'exec',
      violates: [],
      tests,
      sentence: `The runtime ${sentence}.`,
      effect: status('exec', map),
    }),
  ),
  {
    id: 'exec-code-of-killed-is-signal',
    area: 'exec',
    violates: [],
    tests: killed,
    sentence: 'The runtime exits with the number of the signal that ended an executed process, without 128.',
    effect: status('exec', (code) => (code > 128 && code < 160 ? code - 128 : code)),
  },
  {
    id: 'exec-streams-mixed',
    area: 'exec',
    violates: [],
    tests: ['exec/an-executed-process-reads-what-exec-is-given-and-its-two-outputs-stay-apart'],
    sentence: 'The runtime prints the standard error of an executed process on its standard output.',
    effect: before('exec', 'exec 2>&1'),
  },
  {
    id: 'exec-reads-nothing',
    area: 'exec',
    violates: [],
    tests: ['exec/an-executed-process-reads-what-exec-is-given-and-its-two-outputs-stay-apart'],
    sentence: 'The runtime connects the standard input of executed processes to /dev/null.',
    effect: before('exec', 'exec </dev/null'),
  },
  {
    id: 'exec-never-detached',
    area: 'exec',
    violates: [],
    tests: detached,
    sentence: 'The runtime refuses to execute a process that it is not to wait for.',
    effect: when(
      ({ options: given }) => given.some(({ name }) => name === '--detach'),
      program('exec', 'exit 1'),
    ),
  },
  {
    id: 'exec-ends-what-is-left',
    area: 'exec',
    violates: [],
    tests: ['exec/an-executed-process-can-leave-a-detached-child-behind-that-goes-on-in-the-container'],
    sentence: 'The runtime ends all that an executed process has left behind.',
    effect: program(
      'exec',
      `"$REAL" "$@"
ending=$?
for left in $(${real} ps --format json "$ID" | tr -c '0-9' ' '); do
  [ "$left" = "$PID" ] || kill -KILL "$left"
done
exit "$ending"`,
    ),
  },
  {
    id: 'exec-failure-ends-container',
    area: 'exec',
    violates: [],
    tests: [unknown, ...unrunnable],
    sentence: 'The runtime ends a container when a process cannot be executed in it.',
    effect: program(
      'exec',
      `"$REAL" "$@" && exit
ending=$?
[ "$ending" -lt 126 ] && [ "$ending" != 1 ] || ${real} kill "$ID" KILL
exit "$ending"`,
    ),
  },
  {
    id: 'exec-ends-container',
    area: 'exec',
    violates: [],
    tests: [printing, 'exec/no-zombie-is-left-on-the-host-of-the-jobs-an-executed-shell-has-spawned'],
    sentence: 'The runtime ends a container when the process ends that was executed in it.',
    effect: program('exec', `"$REAL" "$@"; ending=$?; ${real} kill "$ID" KILL; exit "$ending"`),
  },
  {
    id: 'exec-in-stopped-container-says-yes',
    area: 'exec',
    violates: [],
    tests: [refusals['stopped'] ?? ''],
    sentence: 'The runtime exits with 0 when it is to execute a process in a stopped container.',
    effect: whereStatus('stopped', 'exit 0'),
  },
  {
    id: 'exec-in-unknown-container-says-yes',
    area: 'exec',
    violates: [],
    tests: [refusals['deleted'] ?? ''],
    sentence: 'The runtime exits with 0 when it is to execute a process in a container that does not exist.',
    effect: whereStatus('', 'exit 0'),
  },
  ...Object.keys(joined).map(
    (namespace): Fault => ({
      id: `exec-not-in-${namespace}-namespace`,
      area: 'exec',
      violates: [],
      tests: [`exec/an-executed-process-is-in-the-${namespace}-namespace-of-its-container`],
      sentence: `The runtime leaves executed processes in the ${namespace} namespace of the host.`,
      effect: joining(Object.values(joined).filter((flag) => flag !== joined[namespace])),
    }),
  ),
  {
    id: 'exec-not-in-cgroup',
    area: 'exec',
    violates: [],
    tests: ['exec/an-executed-process-is-in-the-cgroups-of-its-container'],
    sentence: 'The runtime leaves executed processes in the cgroups of its caller.',
    effect: joining(Object.values(joined)),
  },
  {
    id: 'exec-pid-file-names-init',
    area: 'exec',
    violates: [],
    tests: ['exec/the-pid-file-of-a-process-that-is-executed-and-left-alone-names-it'],
    sentence:
      'The runtime writes the pid of the container’s first process into the pid file of an executed one.',
    effect: program(
      'exec',
      `"$REAL" "$@" || exit
previous=
for word; do
  [ "$previous" != --pid-file ] || printf %s "$PID" >"$word"
  previous=$word
done`,
    ),
  },
  {
    id: 'exec-refuses-a-second-at-once',
    area: 'exec',
    violates: [],
    tests: ['exec/ten-processes-can-be-executed-at-once'],
    sentence: 'The runtime refuses to execute a process while it executes another one.',
    effect: program(
      'exec',
      'mkdir "$NOTES/exec.lock" || exit 1; "$REAL" "$@"; ending=$?; rmdir "$NOTES/exec.lock"; exit "$ending"',
    ),
  },
  ...Object.entries(descriptors).map(
    ([name, [sentence, effect]]): Fault => ({
      id: `preserved-descriptors-${name}`,
      area: 'exec',
      violates: ['fds-may-pass-extra'],
      tests: ['exec/preserved-descriptors-arrive-in-an-executed-process-in-order'],
      sentence: `The runtime ${sentence}.`,
      effect: all(effect),
    }),
  ),
]
