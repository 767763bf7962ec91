import { answer, type Fault, once, program, status, when } from '../harness/fault/index.ts'
import { real } from './real-runtime.ts'

/** The members that every state has to have, with the requirement that says so. */
const required: Readonly<Record<string, string>> = {
  ociVersion: 'state-ociversion-required',
  id: 'state-id-required',
  status: 'state-status-required',
  pid: 'state-pid-required-when-created-or-running',
  bundle: 'state-bundle-required',
}

/** What a runtime may print in the place of a status, by id of the fault. */
const misreported: Readonly<
  Record<string, readonly [status: string, as: string, violates: readonly string[]]>
> = {
  'state-created-is-running': ['created', 'running', ['state-status-created-meaning', 'state-status-values']],
  'state-created-is-creating': ['created', 'creating', ['state-status-created-meaning']],
  'state-running-is-created': ['running', 'created', ['state-status-running-meaning', 'state-status-values']],
  'state-running-is-upper-case': [
    'running',
    'Running',
    ['state-status-values', 'state-status-running-meaning'],
  ],
  'state-stopped-is-running': ['stopped', 'running', ['state-status-stopped-meaning', 'state-status-values']],
  'state-stopped-is-exited': [
    'stopped',
    'exited',
    ['state-status-stopped-meaning', 'state-status-additional-values-new-only'],
  ],
}

export const state: readonly Fault[] = [
  ...Object.entries(required).map(
    ([member, requirement]): Fault => ({
      id: `state-without-${member.toLowerCase()}`,
      area: 'state',
      violates: [requirement],
      sentence: `The runtime leaves the ${member} out of the state.`,
      effect: answer('state', (state) => {
        delete state[member]
      }),
    }),
  ),
  ...Object.entries(misreported).map(
    ([id, [status, as, violates]]): Fault => ({
      id,
      area: 'state',
      violates,
      sentence: `The runtime reports the status of a ${status} container as '${as}'.`,
      effect: answer('state', (state) => {
        if (state['status'] === status) state['status'] = as
      }),
    }),
  ),
  {
    id: 'state-killed-before-start-is-created',
    area: 'state',
    violates: ['state-status-stopped-meaning'],
    sentence: 'The runtime goes on to report a container as created that was killed before its start.',
    effect: when(
      ({ history }) => !history.verbs.includes('start'),
      answer('state', (state) => {
        if (state['status'] === 'stopped') state['status'] = 'created'
      }),
    ),
  },
  {
    id: 'state-version-is-short',
    area: 'state',
    violates: ['state-ociversion-required'],
    sentence: 'The runtime names the version of the specification without its last number, as in 1.0.',
    effect: answer('state', (state) => {
      state['ociVersion'] = String(state['ociVersion']).split('.').slice(0, 2).join('.')
    }),
  },
  {
    id: 'state-version-changes-at-start',
    area: 'state',
    violates: ['state-ociversion-required'],
    sentence: 'The runtime names another version of the specification once a container was started.',
    effect: once(
      'start',
      answer('state', (state) => {
        state['ociVersion'] = '1.0.0-rc1'
      }),
    ),
  },
  {
    id: 'state-id-cut',
    area: 'state',
    violates: ['state-id-required'],
    sentence: 'The runtime reports only the first twelve characters of an id.',
    effect: answer('state', (state) => {
      state['id'] = String(state['id']).slice(0, 12)
    }),
  },
  {
    id: 'state-id-lower-case',
    area: 'state',
    violates: ['state-id-required'],
    sentence: 'The runtime reports an id in lower case.',
    effect: answer('state', (state) => {
      state['id'] = String(state['id']).toLowerCase()
    }),
  },
  {
    id: 'state-pid-as-seen-inside',
    area: 'state',
    violates: ['state-pid-required-when-created-or-running'],
    sentence: 'The runtime reports the pid of a process as the container sees it.',
    effect: answer('state', (state) => {
      state['pid'] = 1
    }),
  },
  {
    id: 'state-pid-of-stopped-lives',
    area: 'state',
    violates: ['state-pid-optional-otherwise'],
    sentence: 'The runtime names a living process, the host’s first, as that of a stopped container.',
    effect: answer('state', (state) => {
      if (state['status'] === 'stopped') state['pid'] = 1
    }),
  },
  {
    id: 'state-pid-is-text',
    area: 'state',
    violates: ['state-json-schema'],
    sentence: 'The runtime prints a pid in quotes.',
    effect: answer('state', (state) => {
      state['pid'] = String(state['pid'])
    }),
  },
  {
    id: 'state-bundle-relative',
    area: 'state',
    violates: ['state-bundle-required'],
    sentence: 'The runtime reports only the last name of the path of a bundle.',
    effect: answer('state', (state) => {
      state['bundle'] = String(state['bundle']).split('/').at(-1) ?? ''
    }),
  },
  {
    id: 'state-bundle-is-rootfs',
    area: 'state',
    violates: ['state-bundle-required'],
    sentence: 'The runtime reports the path of the root file system as that of the bundle.',
    effect: answer('state', (state) => {
      state['bundle'] = `${String(state['bundle'])}/rootfs`
    }),
  },
  {
    id: 'state-bundle-lost-at-start',
    area: 'state',
    violates: ['state-bundle-required'],
    sentence: 'The runtime leaves the path of the bundle empty once a container was started.',
    effect: once(
      'start',
      answer('state', (state) => {
        state['bundle'] = ''
      }),
    ),
  },
  {
    id: 'state-annotations-changed',
    area: 'state',
    violates: ['state-annotations-optional'],
    sentence: 'The runtime reports the values of annotations in upper case.',
    effect: answer('state', (state) => {
      const { annotations } = state
      if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) return
      for (const [name, value] of Object.entries(annotations)) annotations[name] = String(value).toUpperCase()
    }),
  },
  {
    id: 'state-annotations-invented',
    area: 'state',
    violates: ['state-annotations-absent-or-empty'],
    sentence: 'The runtime reports an annotation of its own where none is configured.',
    effect: answer('state', (state) => {
      state['annotations'] ??= { 'org.example.created-by': 'runtime' }
    }),
  },
  {
    id: 'state-exits-with-error',
    area: 'state',
    violates: ['state-returns-state'],
    sentence: 'The runtime prints the state and exits with 1 nevertheless.',
    effect: status('state', () => 1),
  },
  {
    id: 'state-printed-twice',
    area: 'state',
    violates: ['state-returns-state', 'state-json-schema'],
    sentence: 'The runtime prints the state twice, one after the other.',
    effect: program('state', '"$REAL" "$@" && exec "$REAL" "$@"'),
  },
  {
    id: 'state-of-unknown-container-succeeds',
    area: 'state',
    violates: ['state-nonexistent-errors'],
    sentence: 'The runtime exits with 0 when it is asked for the state of a container that does not exist.',
    effect: status('state', () => 0),
  },
  {
    id: 'state-of-unknown-container-printed',
    area: 'state',
    violates: ['state-nonexistent-errors'],
    sentence: 'The runtime refuses to give the state of an unknown container and prints an empty object.',
    effect: program('state', '"$REAL" "$@" || { status=$?; echo "{}"; exit "$status"; }'),
  },
  {
    id: 'state-of-deleted-container-remembered',
    area: 'state',
    violates: ['state-nonexistent-errors'],
    sentence: 'The runtime goes on to report a deleted container as stopped.',
    effect: once(
      'delete',
      program(
        'state',
        `${real} state "$ID" 2>/dev/null ||
  printf '{"ociVersion":"1.0.0","id":"%s","status":"stopped","bundle":"%s"}' "$ID" "$BUNDLE"`,
      ),
    ),
  },
  {
    id: 'state-without-id-succeeds',
    area: 'state',
    violates: ['state-without-id-errors'],
    sentence: 'The runtime exits with 0 when it is asked for a state without a container’s id.',
    effect: when(
      ({ id }) => id === undefined,
      status('state', () => 0),
    ),
  },
  {
    id: 'state-of-empty-id-succeeds',
    area: 'state',
    violates: ['state-without-id-errors'],
    sentence: 'The runtime exits with 0 when it is asked for the state of a container with an empty id.',
    effect: when(
      ({ id }) => id === '',
      status('state', () => 0),
    ),
  },
]
