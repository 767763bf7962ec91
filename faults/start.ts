import {
  after,
  all,
  answer,
  configuration,
  configurationDocument,
  type Fault,
  onCall,
  once,
  program,
  skip,
  status,
  when,
} from '../harness/fault/index.ts'
import { changing, type ProcessSpec } from '../harness/spec/index.ts'
import { real, statusOfContainer } from './real-runtime.ts'

/** What may get lost of a process on its way from create to start. */
const lost: Readonly<Record<string, readonly [sentence: string, change: (process: ProcessSpec) => void]>> = {
  'start-without-last-argument': [
    'leaves the last argument of the program out',
    (process) => {
      process.args = (process.args ?? []).slice(0, Math.max(1, (process.args ?? []).length - 1))
    },
  ],
  'start-splits-arguments': [
    'joins the arguments of a program to a line and splits that at blanks',
    (process) => {
      process.args = (process.args ?? []).join(' ').split(' ')
    },
  ],
  'start-without-last-variable': [
    'leaves the last variable of the environment out',
    (process) => {
      process.env = (process.env ?? []).slice(0, -1)
    },
  ],
  'start-in-root-directory': [
    'starts every program in the root directory',
    (process) => {
      process.cwd = '/'
    },
  ],
  'start-as-root': [
    'starts every program as root',
    (process) => {
      process.user = { ...process.user, uid: 0, gid: 0 }
    },
  ],
}

/** Containers that start has to refuse. */
const unstartable = ['running', 'stopped', 'paused'] as const

const made = `${real} run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1`

export const start: readonly Fault[] = [
  ...Object.entries(lost).map(
    ([id, [sentence, change]]): Fault => ({
      id,
      area: 'start',
      violates: ['start-runs-process'],
      sentence: `The runtime ${sentence}.`,
      effect: configuration(
        changing(({ process }) => {
          if (process !== undefined) change(process)
        }),
      ),
    }),
  ),
  {
    id: 'start-does-nothing',
    area: 'start',
    violates: ['start-runs-process', 'lifecycle-start-runs-program'],
    sentence: 'The runtime says that it has started a container and does not run its program.',
    effect: skip('start'),
  },
  {
    id: 'start-fails-after-starting',
    area: 'start',
    violates: ['start-runs-process', 'lifecycle-start-runs-program'],
    sentence: 'The runtime starts a container and exits with 1 nevertheless.',
    effect: status('start', () => 1),
  },
  {
    id: 'start-without-id-succeeds',
    area: 'start',
    violates: ['start-without-id-errors'],
    sentence: 'The runtime exits with 0 when it is to start a container without an id.',
    effect: when(
      ({ id }) => id === undefined,
      status('start', () => 0),
    ),
  },
  {
    id: 'start-of-unknown-container-succeeds',
    area: 'start',
    violates: ['start-not-created-errors'],
    sentence: 'The runtime exits with 0 when it is to start a container that does not exist.',
    effect: program('start', `[ -n "${statusOfContainer}" ] || [ -z "$ID" ] || exit 0; exec "$REAL" "$@"`),
  },
  {
    id: 'start-of-deleted-container-succeeds',
    area: 'start',
    violates: ['start-not-created-errors'],
    sentence: 'The runtime exits with 0 when it is to start a container that was deleted.',
    effect: once(
      'delete',
      status('start', () => 0),
    ),
  },
  ...unstartable.map(
    (state): Fault => ({
      id: `start-of-${state}-container-succeeds`,
      area: 'start',
      violates: ['start-not-created-errors'],
      sentence: `The runtime exits with 0 when it is to start a ${state} container, and does nothing.`,
      effect: program('start', `[ "${statusOfContainer}" != ${state} ] || exit 0; exec "$REAL" "$@"`),
    }),
  ),
  {
    id: 'start-of-running-container-ends-it',
    area: 'start',
    violates: ['start-not-created-no-effect'],
    sentence: 'The runtime refuses to start a running container and ends it.',
    effect: program(
      'start',
      `[ "${statusOfContainer}" != running ] || { ${real} kill "$ID" KILL; exit 1; }; exec "$REAL" "$@"`,
    ),
  },
  {
    id: 'start-of-stopped-container-runs-it-again',
    area: 'start',
    violates: ['start-not-created-no-effect'],
    sentence: 'The runtime makes a stopped container anew that is to be started, and runs it again.',
    effect: program(
      'start',
      `[ "${statusOfContainer}" != stopped ] || { ${real} delete "$ID"; ${made}; exit 1; }; exec "$REAL" "$@"`,
    ),
  },
  {
    id: 'start-of-paused-container-resumes-it',
    area: 'start',
    violates: ['start-not-created-no-effect'],
    sentence: 'The runtime refuses to start a paused container and resumes it.',
    effect: program(
      'start',
      `[ "${statusOfContainer}" != paused ] || { ${real} resume "$ID"; exit 1; }; exec "$REAL" "$@"`,
    ),
  },
  {
    id: 'start-without-process-runs-shell',
    area: 'start',
    violates: ['start-process-unset-errors', 'process-required-at-start'],
    sentence: 'The runtime runs a shell where no process is configured.',
    effect: configurationDocument((spec) => {
      spec['process'] ??= { args: ['sh'], cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } }
    }),
  },
  {
    id: 'start-runs-program-at-create',
    area: 'start',
    violates: ['lifecycle-program-not-run-at-create', 'create-does-not-apply-args'],
    sentence: 'The runtime starts a container as soon as it is created.',
    effect: after('create', `${real} start "$ID"`),
  },
  {
    id: 'start-runs-program-at-create-in-secret',
    area: 'start',
    violates: [
      'lifecycle-program-not-run-at-create',
      'create-does-not-apply-args',
      'state-status-created-meaning',
    ],
    sentence: 'The runtime runs the program at create and reports the container as created until its start.',
    effect: all(
      after('create', `${real} start "$ID"`),
      onCall('start', 1, skip('start')),
      when(
        ({ history }) => !history.verbs.includes('start'),
        answer('state', (state) => {
          state['status'] = 'created'
        }),
      ),
    ),
  },
]
