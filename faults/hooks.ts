import { existsSync } from 'node:fs'
import { after, all, before, type Effect, type Fault, skip, when } from '../harness/fault/index.ts'
import { type Hook, type HookKind, hookKinds } from '../harness/spec/index.ts'
import { changed, given, refusing } from './configurations.ts'
import { hookListsChanged, hooksChanged, hooksWrapped, marking, withState } from './hook-wrappers.ts'
import { real } from './real-runtime.ts'

const area = 'hooks'

/** In which state hooks of a kind find a container, and which one is near to that. */
const statuses: Readonly<Record<HookKind, { readonly right: string; readonly wrong: string }>> = {
  prestart: { right: 'creating', wrong: 'created' },
  createRuntime: { right: 'creating', wrong: 'created' },
  createContainer: { right: 'creating', wrong: 'created' },
  startContainer: { right: 'created', wrong: 'running' },
  poststart: { right: 'running', wrong: 'created' },
  poststop: { right: 'stopped', wrong: 'running' },
}

function faultsOfKind(kind: HookKind): readonly Fault[] {
  const name = kind.toLowerCase()
  const { right, wrong } = statuses[kind]
  return [
    {
      id: `${name}-hooks-dropped`,
      area,
      violates: [`lifecycle-${name}-invoked`],
      sentence: `The runtime runs no ${kind} hook.`,
      effect: hookListsChanged((hooks) => {
        delete hooks[kind]
      }),
    },
    {
      id: `${name}-hooks-run-twice`,
      area,
      violates: [`lifecycle-${name}-invoked`],
      sentence: `The runtime runs every ${kind} hook twice.`,
      effect: hookListsChanged((hooks) => {
        const list = hooks[kind]
        if (list !== undefined) hooks[kind] = list.flatMap((hook) => [hook, hook])
      }),
    },
    {
      id: `${name}-hooks-last-lost`,
      area,
      violates: ['hooks-run-in-listed-order'],
      sentence: `The runtime loses the last of several ${kind} hooks.`,
      effect: hookListsChanged((hooks) => {
        const list = hooks[kind]
        if (list !== undefined && list.length > 1) hooks[kind] = list.slice(0, -1)
      }),
    },
    {
      id: `${name}-hooks-not-waited-for`,
      area,
      violates: [`hooks-${name}-timing`],
      sentence: `The runtime does not wait for ${kind} hooks.`,
      effect: hooksWrapped([kind], 'exec 3<&0; ( sleep 0.5; exec "$0" "$@" <&3 ) >/dev/null 2>&1 &'),
    },
    {
      id: `${name}-hooks-without-state`,
      area,
      violates: ['hooks-state-on-stdin'],
      sentence: `The runtime gives ${kind} hooks an empty standard input.`,
      effect: hooksWrapped([kind], 'exec "$0" "$@" </dev/null'),
    },
    {
      id: `${name}-hooks-of-another-bundle`,
      area,
      violates: ['hooks-state-on-stdin'],
      sentence: `The runtime gives ${kind} hooks the path of the configuration for that of the bundle.`,
      effect: withState([kind], 's|\\("bundle": *"[^"]*\\)|\\1/config.json|'),
    },
    {
      id: `${name}-hooks-with-wrong-status`,
      area,
      violates: [],
      tests: [`hooks/the-state-that-${name}-hooks-are-given-says-${right}`],
      sentence: `The runtime gives ${kind} hooks a state that says '${wrong}'.`,
      effect: withState([kind], `s|"status": *"[a-z]*"|"status":"${wrong}"|`),
    },
    {
      id: `${name}-hooks-inherit-environment`,
      area,
      violates: ['hooks-entry-env-optional'],
      sentence: `The runtime adds a variable to the environment of ${kind} hooks.`,
      effect: hooksChanged([kind], (hook) => {
        hook.env = [...(hook.env ?? []), 'LISTEN_FDS=0']
      }),
    },
    {
      id: `${name}-hooks-lose-last-argument`,
      area,
      violates: ['hooks-entry-args-optional'],
      sentence: `The runtime loses the last argument of ${kind} hooks that have many.`,
      effect: hooksChanged([kind], (hook) => {
        if (hook.args !== undefined && hook.args.length > 6) hook.args = hook.args.slice(0, -1)
      }),
    },
  ]
}

/** Kinds that run in the namespaces of the runtime, those that run in the container's, and those that run in create. */
const runtimeKinds = ['prestart', 'createRuntime', 'poststart', 'poststop'] as const
const containerKinds = ['createContainer', 'startContainer'] as const

const elsewhere = [...runtimeKinds, 'createContainer' as const].map((kind): Fault => {
  const where = kind === 'createContainer' ? 'container' : 'runtime'
  return {
    id: `${kind.toLowerCase()}-hooks-in-namespace-of-their-own`,
    area,
    violates: [`hooks-${kind.toLowerCase()}-executed-in-${where}-ns`],
    sentence: `The runtime runs ${kind} hooks in a network namespace of their own.`,
    effect: hooksWrapped([kind], 'exec unshare --net "$0" "$@"'),
  }
})

/** The pid that hooks find in the state. */
const pids = (['prestart', 'createRuntime', 'poststart'] as const).map(
  (kind): Fault => ({
    id: `${kind.toLowerCase()}-hooks-given-pid-of-container`,
    area,
    violates: ['state-pid-view-runtime-ns-hooks'],
    sentence: `The runtime gives ${kind} hooks the pid that the container sees.`,
    effect: withState([kind], 's|"pid": *[0-9]*|"pid":1|'),
  }),
)

const pidsInside = containerKinds.flatMap((kind): readonly Fault[] => [
  {
    id: `${kind.toLowerCase()}-hooks-given-pid-of-host`,
    area,
    violates: ['state-pid-view-container-ns-hooks'],
    sentence: `The runtime gives ${kind} hooks a pid that the container does not see.`,
    effect: withState([kind], 's|"pid": *1,|"pid":4194000,|'),
  },
  {
    id: `${kind.toLowerCase()}-hooks-always-given-pid-1`,
    area,
    violates: ['state-pid-view-container-ns-hooks'],
    sentence: `The runtime gives ${kind} hooks the pid 1, also without a pid namespace.`,
    effect: withState([kind], 's|"pid": *[0-9]*|"pid":1|'),
  },
])

/** Programs are looked for in the container, too. */
const lookups = ([...runtimeKinds, 'createContainer'] as const).flatMap((kind): readonly Fault[] => {
  const violates = [`hooks-${kind.toLowerCase()}-path-resolves-in-runtime-ns`]
  return [
    {
      id: `${kind.toLowerCase()}-hooks-path-looked-up-in-container-too`,
      area,
      violates,
      sentence: `The runtime looks in the container for the program of a ${kind} hook that the host does not have.`,
      effect: hooksChanged([kind], (hook) => {
        if (!existsSync(hook.path) && hook.path.startsWith('/srv/')) hook.path = '/bin/sh'
      }),
    },
    {
      id: `${kind.toLowerCase()}-hooks-path-looked-up-in-container-alone`,
      area,
      violates,
      sentence: `The runtime passes over a ${kind} hook whose program the container does not have.`,
      effect: hookListsChanged((hooks) => {
        const list = hooks[kind]
        if (list !== undefined) hooks[kind] = list.filter(({ path }) => /^\/(s?bin|usr|srv)\//.test(path))
      }),
    },
  ]
})

/** What a runtime may do to the state of all hooks. */
const states: Readonly<
  Record<
    string,
    { readonly expression: string; readonly violates: readonly string[]; readonly sentence: string }
  >
> = {
  'hooks-given-another-id': {
    expression: 's|"id": *"|&x|',
    violates: ['hooks-state-on-stdin'],
    sentence: 'The runtime gives hooks the id of another container.',
  },
  'hooks-given-another-version': {
    expression: 's|"ociVersion": *"[^"]*"|"ociVersion":"0.2.0"|',
    violates: ['state-ociversion-required'],
    sentence: 'The runtime names another version in the state for hooks than in that which it prints.',
  },
  'hooks-given-no-version': {
    expression: 's|"ociVersion": *"[^"]*",||',
    violates: ['state-json-schema'],
    sentence: 'The runtime leaves the version out of the state for hooks.',
  },
  'hooks-given-another-name-of-status': {
    expression: 's|"status": *"creat|"status":"Creat|',
    violates: ['state-status-additional-values-new-only'],
    sentence: "The runtime calls 'creating' and 'created' by names of its own in the state for hooks.",
  },
  'hooks-given-other-annotations': {
    expression: 's|green|red|',
    violates: ['state-annotations-optional'],
    sentence: 'The runtime changes annotations in the state for hooks.',
  },
}

/** The hooks of the container run where those of the runtime do: its paths are told as the host tells them. */
function outside(hook: Hook, source: string): Hook {
  const args = hook.args?.map((word) => word.replace(/^\/mnt(?=\/record$|$)/, source))
  return { ...hook, ...(args === undefined ? {} : { args }) }
}

/** Hooks that run in the container are run as those of another kind instead, by the runtime. */
function startContainerAs(kind: 'createContainer' | 'poststart'): Effect {
  return changed(({ hooks, mounts = [] }) => {
    const source = mounts.findLast(({ destination }) => destination === '/mnt')?.source
    if (hooks?.startContainer === undefined || source === undefined) return
    const moved = hooks.startContainer.map((hook) => outside(hook, source))
    hooks[kind] = [...(hooks[kind] ?? []), ...moved]
    delete hooks.startContainer
  })
}

/** Hooks of one kind run with those of another, and when those run. */
function moved(from: HookKind, to: HookKind): Effect {
  return hookListsChanged((hooks) => {
    hooks[to] = [...(hooks[to] ?? []), ...(hooks[from] ?? [])]
    delete hooks[from]
  })
}

export const hooks: readonly Fault[] = [
  {
    id: 'hooks-dropped',
    area,
    violates: hookKinds.map((kind) => `lifecycle-${kind.toLowerCase()}-invoked`),
    sentence: 'The runtime runs no hook at all.',
    effect: changed((spec) => {
      delete spec.hooks
    }),
  },
  {
    id: 'hooks-in-reverse-order',
    area,
    violates: ['hooks-run-in-listed-order'],
    sentence: 'The runtime runs the hooks of each kind last to first.',
    effect: hookListsChanged((hooks) => {
      for (const kind of hookKinds) hooks[kind]?.reverse()
    }),
  },
  ...hookKinds.flatMap(faultsOfKind),
  ...elsewhere,
  ...pids,
  ...pidsInside,
  ...lookups,
  ...Object.entries(states).map(
    ([id, { expression, violates, sentence }]): Fault => ({
      id,
      area,
      violates,
      sentence,
      effect: withState(hookKinds, expression),
    }),
  ),
  {
    id: 'hooks-empty-list-refused',
    area,
    violates: ['hooks-optional', ...hookKinds.map((kind) => `hooks-${kind.toLowerCase()}-optional`)],
    sentence: 'The runtime refuses an empty list of hooks.',
    effect: refusing(({ hooks = {} }) => hookKinds.some((kind) => hooks[kind]?.length === 0)),
  },
  {
    id: 'hook-without-arguments-refused',
    area,
    violates: ['hooks-entry-args-optional'],
    sentence: 'The runtime does nothing and exits with 0 when a hook has no arguments.',
    effect: given(
      ({ hooks = {} }) => hookKinds.some((kind) => hooks[kind]?.some(({ args }) => args === undefined)),
      skip(['create', 'run']),
    ),
  },
  {
    id: 'createruntime-hooks-before-prestart',
    area,
    violates: ['hooks-prestart-before-createruntime'],
    sentence: 'The runtime runs createRuntime hooks before prestart hooks.',
    effect: hookListsChanged((hooks) => {
      hooks.prestart = [...(hooks.createRuntime ?? []), ...(hooks.prestart ?? [])]
      delete hooks.createRuntime
    }),
  },
  {
    id: 'createcontainer-hooks-before-createruntime',
    area,
    violates: ['hooks-createcontainer-after-createruntime', 'hooks-createcontainer-executed-in-container-ns'],
    sentence: 'The runtime runs createContainer hooks as it does prestart hooks.',
    effect: moved('createContainer', 'prestart'),
  },
  {
    id: 'prestart-hooks-during-start',
    area,
    violates: ['hooks-prestart-timing'],
    sentence: 'The runtime runs prestart hooks during start.',
    effect: moved('prestart', 'poststart'),
  },
  {
    id: 'createruntime-hooks-during-start',
    area,
    violates: ['hooks-createruntime-timing', 'lifecycle-environment-created-per-config'],
    sentence: 'The runtime runs createRuntime hooks during start.',
    effect: moved('createRuntime', 'poststart'),
  },
  {
    id: 'createcontainer-hooks-during-start',
    area,
    violates: ['hooks-createcontainer-timing'],
    sentence: 'The runtime runs createContainer hooks during start.',
    effect: moved('createContainer', 'poststart'),
  },
  {
    id: 'startcontainer-hooks-during-create',
    area,
    violates: ['hooks-startcontainer-timing', 'hooks-startcontainer-path-resolves-in-container-ns'],
    sentence: 'The runtime runs startContainer hooks during create, outside of the root of the container.',
    effect: startContainerAs('createContainer'),
  },
  {
    id: 'startcontainer-hooks-run-by-runtime',
    area,
    violates: ['hooks-startcontainer-executed-in-container-ns', 'hooks-startcontainer-timing'],
    sentence: 'The runtime runs startContainer hooks itself when the program has begun.',
    effect: startContainerAs('poststart'),
  },
  {
    id: 'poststart-hooks-during-create',
    area,
    violates: [],
    tests: [
      'hooks/poststart-hooks-do-not-run-before-start',
      'hooks/poststart-hooks-run-when-the-program-is-executed-not-instead-of-it-or-before-it',
    ],
    sentence: 'The runtime runs poststart hooks during create.',
    effect: moved('poststart', 'createRuntime'),
  },
  {
    id: 'poststart-hooks-again-where-start-is-refused',
    area,
    violates: [],
    tests: ['hooks/a-start-that-is-refused-does-not-run-the-hooks-of-start-again'],
    sentence: 'The runtime runs poststart hooks again when it refuses to start a container once more.',
    effect: marking((marker) =>
      all(
        hooksWrapped(['poststart'], `printf '%s\\0' "$0" "$@" >'${marker}'; exec "$0" "$@"`),
        before('start', `[ ! -s '${marker}' ] || ${real} state "$ID" | xargs -0 -a '${marker}' env`),
      ),
    ),
  },
  {
    id: 'poststop-hooks-during-start',
    area,
    violates: ['hooks-poststop-timing'],
    sentence: 'The runtime runs poststop hooks when a container has been started.',
    effect: moved('poststop', 'poststart'),
  },
  {
    id: 'poststop-hooks-before-cgroup-is-gone',
    area,
    violates: ['hooks-poststop-timing'],
    sentence: 'The runtime removes the cgroup of a container when the poststop hooks have run.',
    effect: hooksWrapped(
      ['poststop'],
      `state=$(cat)
       cgroup=/sys/fs/cgroup/$(echo "$state" | sed -n 's|.*"id": *"\\([^"]*\\)".*|\\1|p')
       mkdir "$cgroup"; echo "$state" | "$0" "$@"; status=$?; rmdir "$cgroup"; exit $status`,
    ),
  },
  {
    id: 'poststop-hooks-only-after-start',
    area,
    violates: ['lifecycle-poststop-invoked'],
    sentence: 'The runtime runs no poststop hook for a container that was never started.',
    effect: marking((marker) =>
      all(
        hooksWrapped(['poststop'], `[ ! -e '${marker}' ] || exec "$0" "$@"`),
        after('start', `: >'${marker}'`),
      ),
    ),
  },
  {
    id: 'hooks-passed-over-when-configuration-changed',
    area,
    violates: ['lifecycle-config-updates-ignored'],
    sentence: 'The runtime runs no hook of a container whose config.json has changed since it was created.',
    effect: marking((marker) =>
      all(
        when(
          ({ bundle }) => bundle !== undefined,
          (draft) =>
            hooksWrapped(
              ['poststart', 'poststop'],
              `[ "$(cksum <'${draft.bundle}/config.json')" != "$(cat '${marker}')" ] || exec "$0" "$@"`,
            )(draft),
        ),
        after('create', `cksum <"$BUNDLE/config.json" >'${marker}'`),
      ),
    ),
  },
  {
    id: 'startcontainer-hooks-path-looked-up-on-host-too',
    area,
    violates: ['hooks-startcontainer-path-resolves-in-container-ns'],
    sentence: 'The runtime looks on the host for the program of a startContainer hook.',
    effect: hooksChanged(['startContainer'], (hook) => {
      if (existsSync(hook.path) && hook.path.endsWith('/bin/busybox')) hook.path = '/bin/busybox'
    }),
  },
]
