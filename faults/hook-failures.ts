import { existsSync } from 'node:fs'
import { after, all, type Fault, program } from '../harness/fault/index.ts'
import { type HookKind, hookKinds } from '../harness/spec/index.ts'
import { objectsChanged, onlyObjects } from './configurations.ts'
import { hookListsChanged, hooksChanged, hooksWrapped, marking } from './hook-wrappers.ts'

const area = 'hook-failures'

const createKinds = ['prestart', 'createRuntime', 'createContainer'] as const satisfies readonly HookKind[]
const failingKinds = [...createKinds, 'startContainer', 'poststart'] as const satisfies readonly HookKind[]

/** How a hook may fail, and what shell text makes of its exit status in `$status`. */
const ignored: Readonly<Record<string, { readonly words: string; readonly script: string }>> = {
  'exit-code-1': { words: 'ends with exit code 1', script: '[ $status != 1 ] || exit 0' },
  'exit-code-255': { words: 'ends with exit code 255', script: '[ $status != 255 ] || exit 0' },
  signal: { words: 'is killed by a signal', script: '[ $status != 137 ] || exit 0' },
}

function faultsOfCreateKind(kind: (typeof createKinds)[number]): readonly Fault[] {
  const name = kind.toLowerCase()
  const violates = [`lifecycle-${name}-failure`]
  return [
    ...Object.entries(ignored).map(
      ([how, { words, script }]): Fault => ({
        id: `${name}-hook-${how}-ignored`,
        area,
        violates,
        sentence: `The runtime goes on when a ${kind} hook ${words}.`,
        effect: hooksWrapped([kind], `"$0" "$@"; status=$?; ${script}; exit $status`),
      }),
    ),
    {
      id: `${name}-hooks-go-on-behind-failure`,
      area,
      violates,
      sentence: `The runtime runs all ${kind} hooks before it fails because of one of them.`,
      effect: marking((marker) =>
        all(
          hooksWrapped([kind], `"$0" "$@" || { : >'${marker}'; exit 0; }`),
          hookListsChanged((hooks) => {
            hooks[kind]?.push({ path: '/bin/sh', args: ['sh', '-c', `[ ! -e '${marker}' ]`] })
          }),
        ),
      ),
    },
    {
      id: `${name}-hook-failure-leaves-state`,
      area,
      violates,
      sentence: `The runtime keeps a directory for a container whose ${kind} hook failed.`,
      effect: marking((marker) =>
        all(
          hooksWrapped([kind], `"$0" "$@" || { : >'${marker}'; exit 1; }`),
          program(
            'create',
            `"$REAL" "$@"; status=$?; [ ! -e '${marker}' ] || mkdir "$ROOT/$ID"; exit $status`,
          ),
        ),
      ),
    },
    {
      id: `${name}-hook-failure-without-poststop`,
      area,
      violates,
      sentence: `The runtime runs no poststop hook when a ${kind} hook has failed.`,
      effect: marking((marker) =>
        all(
          hooksWrapped([kind], `"$0" "$@" || { : >'${marker}'; exit 1; }`),
          hooksWrapped(['poststop'], `[ -e '${marker}' ] || exec "$0" "$@"`),
        ),
      ),
    },
  ]
}

/** How the tests begin that have such hooks refused. */
const refusing = (kind: HookKind) => `hook-failures/create-refuses-a-${kind.toLowerCase()}-hook`

/** Kinds of which it is asked whether a timeout has to be positive. */
const withoutTimeout = (['createRuntime', 'poststop'] as const).flatMap((kind): readonly Fault[] => [
  {
    id: `${kind.toLowerCase()}-hook-timeout-of-zero-is-none`,
    area,
    violates: [],
    tests: [`${refusing(kind)}-with-a-timeout-of-zero-seconds`],
    sentence: `The runtime takes a timeout of 0 seconds of a ${kind} hook for none.`,
    effect: objectsChanged(['hooks', kind], (hook) => {
      if (hook['timeout'] === 0) delete hook['timeout']
    }),
  },
  {
    id: `${kind.toLowerCase()}-hook-negative-timeout-is-none`,
    area,
    violates: [],
    tests: [`${refusing(kind)}-with-a-timeout-of-minus-one-seconds`],
    sentence: `The runtime takes a negative timeout of a ${kind} hook for none.`,
    effect: objectsChanged(['hooks', kind], (hook) => {
      if (hook['timeout'] === -1) delete hook['timeout']
    }),
  },
])

function faultsOfKind(kind: HookKind): readonly Fault[] {
  const name = kind.toLowerCase()
  return [
    {
      id: `${name}-hook-with-relative-path-accepted`,
      area,
      violates: [],
      tests: [`${refusing(kind)}-whose-path-is-not-absolute`],
      sentence: `The runtime takes the relative path of a ${kind} hook from the root.`,
      effect: hooksChanged([kind], (hook) => {
        hook.path = hook.path.replace(/^(\.\.\/)*(?!\/)/, '/')
      }),
    },
    {
      id: `${name}-hook-without-path-passed-over`,
      area,
      violates: [],
      tests: [`${refusing(kind)}-without-a-path`],
      sentence: `The runtime passes over a ${kind} hook that has no path.`,
      effect: onlyObjects(['hooks', kind], ({ path }) => path !== undefined),
    },
    {
      id: `${name}-hook-timeout-ignored`,
      area,
      violates: ['hooks-entry-timeout-optional'],
      sentence: `The runtime waits for ${kind} hooks however long they take.`,
      effect: hooksChanged([kind], (hook) => {
        delete hook.timeout
      }),
    },
  ]
}

export const hookFailures: readonly Fault[] = [
  ...createKinds.flatMap(faultsOfCreateKind),
  ...hookKinds.flatMap(faultsOfKind),
  ...withoutTimeout,
  ...failingKinds.slice(createKinds.length).map(
    (kind): Fault => ({
      id: `${kind.toLowerCase()}-hook-failure-ignored`,
      area,
      violates: [`lifecycle-${kind.toLowerCase()}-failure`],
      sentence: `The runtime goes on when a ${kind} hook fails.`,
      effect: hooksWrapped([kind], '"$0" "$@" || :'),
    }),
  ),
  {
    id: 'createruntime-hook-without-program-passed-over',
    area,
    violates: ['lifecycle-createruntime-failure'],
    sentence: 'The runtime passes over a createRuntime hook whose program does not exist.',
    effect: hookListsChanged((hooks) => {
      if (hooks.createRuntime !== undefined)
        hooks.createRuntime = hooks.createRuntime.filter(({ path }) => existsSync(path))
    }),
  },
  {
    id: 'poststop-hooks-end-with-failure',
    area,
    violates: [],
    tests: ['hook-failures/the-next-poststop-hook-runs-although-one-has-failed'],
    sentence: 'The runtime runs no poststop hook behind one that has failed.',
    effect: marking((marker) =>
      hooksWrapped(['poststop'], `[ -e '${marker}' ] || "$0" "$@" || { : >'${marker}'; exit 1; }`),
    ),
  },
  {
    id: 'poststop-hook-failure-fails-delete',
    area,
    violates: [],
    tests: ['hook-failures/delete-succeeds-although-a-poststop-hook-fails'],
    sentence: 'The runtime deletes a container and yet exits with 1 when a poststop hook fails.',
    effect: marking((marker) =>
      all(
        hooksWrapped(['poststop'], `"$0" "$@" || { : >'${marker}'; exit 1; }`),
        program('delete', `"$REAL" "$@"; status=$?; [ ! -e '${marker}' ] || exit 1; exit $status`),
      ),
    ),
  },
  {
    id: 'poststop-hook-failure-keeps-id',
    area,
    violates: [],
    tests: ['hook-failures/the-id-of-a-container-whose-poststop-hook-failed-can-be-used-again'],
    sentence: 'The runtime keeps the id of a container whose poststop hook has failed.',
    effect: marking((marker) =>
      all(
        hooksWrapped(['poststop'], `"$0" "$@" || { : >'${marker}'; exit 1; }`),
        after('delete', `[ ! -e '${marker}' ] || mkdir "$ROOT/$ID"`),
      ),
    ),
  },
]
