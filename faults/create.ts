import { existsSync } from 'node:fs'
import {
  after,
  before,
  configuration,
  type Effect,
  type Fault,
  operands,
  program,
  skip,
  status,
  when,
} from '../harness/fault/index.ts'
import { changing, type Spec } from '../harness/spec/index.ts'
import { cgroupOfContainer, real, statusOfContainer } from './real-runtime.ts'

/** Ids that no container can have, by what is wrong with them. */
const malformed: Readonly<Record<string, readonly [sentence: string, isSuch: (id: string) => boolean]>> = {
  empty: ['an empty id', (id) => id === ''],
  dot: ['an id that is a dot', (id) => id === '.'],
  'two-dots': ['an id that is two dots', (id) => id === '..'],
  slash: ['an id with a slash', (id) => /^[^.].*\//.test(id)],
  climbing: ['an id that leads out of its root', (id) => id.startsWith('../')],
  long: ['an id that no file name is long enough for', (id) => id.length > 255],
}

/** Faulty properties that a runtime may pass over, by what it passes over. */
const passedOver: Readonly<Record<string, readonly [sentence: string, change: (spec: Spec) => void]>> = {
  'missing-bind-source': [
    'a bind mount whose source does not exist',
    (spec) => {
      spec.mounts = (spec.mounts ?? []).filter(
        ({ type, source = '' }) => type !== 'bind' || !source.startsWith('/') || existsSync(source),
      )
    },
  ],
  'unknown-file-system': [
    'a mount of a file system that it does not know',
    (spec) => {
      spec.mounts = (spec.mounts ?? []).filter(({ type }) => type !== 'nosuchfs')
    },
  ],
  'unknown-sysctl': [
    'a kernel parameter that does not exist',
    ({ linux: { sysctl = {} } = {} }) => {
      for (const name of Object.keys(sysctl))
        if (!existsSync(`/proc/sys/${name.replaceAll('.', '/')}`)) delete sysctl[name]
    },
  ],
  'missing-namespace': [
    'the path of a namespace to join that does not exist',
    ({ linux: { namespaces = [] } = {} }) => {
      for (const namespace of namespaces)
        if (namespace.path !== undefined && !existsSync(namespace.path)) delete namespace.path
    },
  ],
}

/** The requirements on a configuration that cannot be applied. */
const ofUnappliable = ['create-unappliable-property-errors', 'lifecycle-environment-failure-errors'] as const

/** What a refused create may leave behind: shell text that makes it. */
const remains: Readonly<Record<string, readonly [sentence: string, script: string]>> = {
  cgroup: ['a cgroup', `mkdir "${cgroupOfContainer}"`],
  mount: ['a mount in the bundle', 'mount --bind "$BUNDLE" "$BUNDLE"'],
}

/** An effect on creating, where the real runtime refuses that. */
const whereRefused = (script: string): Effect =>
  program('create', `"$REAL" "$@" && exit\nrefusal=$?\n${script}\nexit "$refusal"`)

export const create: readonly Fault[] = [
  {
    id: 'create-ends-process-at-once',
    area: 'create',
    violates: ['create-makes-container'],
    sentence: 'The runtime ends the process of a container as soon as it has created it.',
    effect: after('create', `${real} kill "$ID" KILL`),
  },
  {
    id: 'create-fails-after-creating',
    area: 'create',
    violates: ['create-makes-container'],
    sentence: 'The runtime creates a container and exits with 1 nevertheless.',
    effect: status('create', () => 1),
  },
  {
    id: 'create-forgets-last-mount',
    area: 'create',
    violates: ['lifecycle-environment-created-per-config', 'create-applies-non-process-properties'],
    sentence: 'The runtime does not make the last mount of a configuration.',
    effect: configuration(
      changing((spec) => {
        spec.mounts = (spec.mounts ?? []).slice(0, -1)
      }),
    ),
  },
  ...(['pid', 'network', 'ipc', 'uts'] as const).map(
    (type): Fault => ({
      id: `create-without-${type}-namespace`,
      area: 'create',
      violates: ['lifecycle-environment-created-per-config', 'create-applies-non-process-properties'],
      sentence: `The runtime does not make the ${type} namespace of a container.`,
      effect: configuration(
        changing((spec) => {
          const { namespaces = [] } = spec.linux ?? {}
          const position = namespaces.findIndex(
            (namespace) => namespace.type === type && namespace.path === undefined,
          )
          if (position === -1) return
          namespaces.splice(position, 1)
          // The host's own name is not for a container to set.
          if (type === 'uts') delete spec.hostname
        }),
      ),
    }),
  ),
  {
    id: 'create-mounts-at-start',
    area: 'create',
    violates: ['lifecycle-resources-created-at-create', 'create-applies-non-process-properties'],
    sentence: 'The runtime unmounts at create what is mounted at /mnt, and would make that at start.',
    effect: after('create', 'nsenter --target "$PID" --mount umount /mnt 2>/dev/null'),
  },
  {
    id: 'create-without-id-succeeds',
    area: 'create',
    violates: ['create-without-bundle-or-id-errors'],
    sentence: 'The runtime exits with 0 when it is to create a container without an id.',
    effect: when(
      ({ id }) => id === undefined,
      status('create', () => 0),
    ),
  },
  {
    id: 'create-without-bundle-succeeds',
    area: 'create',
    violates: ['create-without-bundle-or-id-errors'],
    sentence: 'The runtime exits with 0 when it is to create a container from no bundle, and creates none.',
    effect: program('create', '[ -e "$BUNDLE/config.json" ] || exit 0; exec "$REAL" "$@"'),
  },
  ...(['created', 'running', 'stopped'] as const).flatMap((state): Fault[] => [
    {
      id: `create-accepts-id-of-${state}-container`,
      area: 'create',
      violates: ['create-duplicate-id-errors'],
      sentence: `The runtime says that it has created a container whose id one has that is ${state}.`,
      effect: program('create', `[ "${statusOfContainer}" != ${state} ] || exit 0; exec "$REAL" "$@"`),
    },
    {
      id: `create-replaces-${state}-container`,
      area: 'create',
      violates: ['create-duplicate-id-errors', 'create-bad-id-no-new-container', 'state-id-unique-on-host'],
      sentence: `The runtime deletes a ${state} container to make another one of the same id.`,
      effect: before('create', `[ "${statusOfContainer}" != ${state} ] || ${real} delete --force "$ID"`),
    },
  ]),
  {
    id: 'create-refuses-id-and-ends-its-container',
    area: 'create',
    violates: ['create-duplicate-id-errors', 'create-bad-id-no-new-container'],
    sentence: 'The runtime refuses an id that is in use and ends the container that has it.',
    effect: before('create', `[ -z "${statusOfContainer}" ] || { ${real} kill "$ID" KILL; exit 1; }`),
  },
  ...Object.entries(malformed).map(
    ([name, [sentence, isSuch]]): Fault => ({
      id: `create-accepts-id-${name}`,
      area: 'create',
      violates: ['create-invalid-id-errors'],
      sentence: `The runtime says that it has created a container with ${sentence}.`,
      effect: when(({ operands: [id] }) => id !== undefined && isSuch(id), skip('create')),
    }),
  ),
  {
    id: 'create-mends-id-with-slash',
    area: 'create',
    violates: ['create-invalid-id-errors', 'create-bad-id-no-new-container'],
    sentence: 'The runtime creates a container with dashes in the place of the slashes of its id.',
    effect: operands('create', ([id = '', ...others]) => [id.replaceAll('/', '-'), ...others]),
  },
  {
    id: 'create-leaves-directory-of-bad-id',
    area: 'create',
    violates: ['create-bad-id-no-new-container'],
    sentence: 'The runtime leaves a directory in its root when it refuses an id.',
    effect: whereRefused('mkdir -p "$ROOT/refused"'),
  },
  ...Object.entries(passedOver).map(
    ([name, [sentence, change]]): Fault => ({
      id: `create-passes-over-${name}`,
      area: 'create',
      violates: [...ofUnappliable],
      sentence: `The runtime passes over ${sentence}.`,
      effect: configuration(changing(change)),
    }),
  ),
  ...Object.entries(remains).map(
    ([name, [sentence, script]]): Fault => ({
      id: `create-refuses-and-leaves-${name}`,
      area: 'create',
      violates: ['create-unappliable-property-no-container', 'errors-leave-environment-untouched'],
      sentence: `The runtime leaves ${sentence} behind when it refuses to create a container.`,
      effect: whereRefused(script),
    }),
  ),
  {
    id: 'create-refuses-and-knows-container',
    area: 'create',
    violates: ['create-unappliable-property-no-container', 'errors-leave-environment-untouched'],
    sentence: 'The runtime reports a container that it refused to create as stopped.',
    effect: when(
      ({ history: { verbs } }) => verbs.includes('create') && !verbs.includes('delete'),
      program(
        'state',
        `"$REAL" "$@" 2>/dev/null ||
  printf '{"ociVersion":"1.0.0","id":"%s","status":"stopped","bundle":"%s"}' "$ID" "$BUNDLE"`,
      ),
    ),
  },
]
