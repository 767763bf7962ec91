import { existsSync, readlinkSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  after,
  all,
  configuration,
  type Effect,
  executedProcess,
  type Fault,
} from '../harness/fault/index.ts'
import {
  combine,
  joinNamespace,
  type Namespace,
  type NamespaceType,
  namespaceKinds,
  withoutNamespace,
  withoutValue,
} from '../harness/spec/index.ts'
import { changed, filesChanged, given, linuxChanged, objectsChanged, onlyObjects } from './configurations.ts'

const area = 'namespaces'
const listed = ['linux', 'namespaces']

/** What nobody may have without a namespace of the type, or what only makes sense in a new one. */
const takenAlong: Readonly<Partial<Record<NamespaceType, readonly string[]>>> = {
  uts: ['hostname', 'domainname'],
  user: ['linux.uidMappings', 'linux.gidMappings'],
  time: ['linux.timeOffsets'],
}

/** All ids of a container are those of the host. */
const identity = [{ containerID: 0, hostID: 0, size: 65_536 }]

function dropped(type: NamespaceType): Effect {
  const along = takenAlong[type] ?? []
  return configuration(combine(withoutNamespace(type), ...along.map((path) => withoutValue(path))))
}

function everyNamespace(change: (namespace: Namespace) => void): Effect {
  return linuxChanged(({ namespaces = [] }) => {
    for (const namespace of namespaces) change(namespace)
  })
}

/** The first container of a bundle leaves a link to its namespace, by which those that follow join it. */
function shared(type: NamespaceType, link: string): Effect {
  return (draft) => {
    const path = join(draft.notes, `shared-${type}-${basename(draft.bundle ?? '')}`)
    const isNew = (namespace: Namespace) => namespace.type === type && namespace.path === undefined
    const joining = changed((spec) => {
      if (existsSync(path) && spec.linux?.namespaces?.some(isNew) === true)
        Object.assign(spec, joinNamespace(type, path)(spec))
    })
    const leaving = after('create', `[ -e '${path}' ] || ln -sfn "/proc/$PID/ns/${link}" '${path}'`)
    all(joining, leaving)(draft)
  }
}

/** Each is noticed by the tests of its type: a runtime may have some types of namespaces and lack others. */
function faultsOf(type: NamespaceType, link: string): readonly Fault[] {
  const separate = `namespaces/two-containers-with-a-${type}-namespace-entry-do-not-share-their-${type}-namespace`
  const violates: readonly string[] = []
  return [
    {
      id: `${type}-namespaces-shared-among-containers`,
      area,
      violates,
      tests: [separate],
      sentence: `The runtime puts all containers of a bundle into the ${type} namespace of the first.`,
      effect: shared(type, link),
    },
    {
      id: `${type}-namespace-new-instead-of-joined`,
      area,
      violates,
      tests: [`namespaces/a-container-joins-the-${type}-namespace-whose-path-is-given`],
      sentence: `The runtime makes a new ${type} namespace when it is given the path of one.`,
      effect: everyNamespace((namespace) => {
        if (namespace.type === type) delete namespace.path
      }),
    },
    {
      id: `${type}-namespace-new-although-not-listed`,
      area,
      violates,
      tests: [
        `namespaces/a-container-without-a-${type}-namespace-entry-shares-the-${type}-namespace-of-the-runtime`,
      ],
      sentence: `The runtime makes a new ${type} namespace when none is listed.`,
      effect: linuxChanged((linux) => {
        const { namespaces = [] } = linux
        if (namespaces.some((namespace) => namespace.type === type)) return
        linux.namespaces = [...namespaces, { type }]
        if (type === 'user') Object.assign(linux, { uidMappings: identity, gidMappings: identity })
      }),
    },
    // Without a mount namespace, what is mounted for a container would stay behind on the host.
    ...(type === 'mount'
      ? []
      : [
          {
            id: `${type}-namespace-dropped`,
            area,
            violates,
            tests: [
              `namespaces/a-${type}-namespace-entry-without-a-path-gives-the-container-a-new-${type}-namespace`,
              separate,
            ],
            sentence: `The runtime gives a container no ${type} namespace.`,
            effect: dropped(type),
          },
        ]),
  ]
}

/** What a runtime may find at the path of a namespace. */
type Found = 'namespace of the type' | 'namespace of another type' | 'nothing' | 'file' | 'directory'

function foundAt(path: string, type: NamespaceType): Found {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'nothing'
  if (stats.isDirectory()) return 'directory'
  if (!path.startsWith('/proc/')) return 'file'
  const link = namespaceKinds.find((kind) => kind.type === type)?.link
  return readlinkSync(path).startsWith(`${link}:`) ? 'namespace of the type' : 'namespace of another type'
}

const mistaken: Readonly<Record<string, Found>> = {
  'of-another-type': 'namespace of another type',
  'that-is-missing': 'nothing',
  'of-a-file': 'file',
  'of-a-directory': 'directory',
}

const wrongPaths = Object.entries(mistaken).map(
  ([words, found]): Fault => ({
    id: `namespace-path-${words}-passed-over`,
    area,
    violates: ['namespaces-path-wrong-type-errors'],
    sentence: `The runtime makes a new namespace when it is given a path ${words.replaceAll('-', ' ')}.`,
    effect: everyNamespace((namespace) => {
      const { path, type } = namespace
      if (path !== undefined && foundAt(path, type) === found) delete namespace.path
    }),
  }),
)

export const namespaces: readonly Fault[] = [
  ...namespaceKinds.flatMap(({ type, link }) => faultsOf(type, link)),
  ...wrongPaths,
  {
    id: 'namespace-path-relative-taken-from-root',
    area,
    violates: ['namespaces-path-absolute'],
    sentence: 'The runtime takes a relative path of a namespace from the root.',
    effect: everyNamespace((namespace) => {
      if (namespace.path !== undefined) namespace.path = namespace.path.replace(/^(\.\.\/)*(?!\/)/, '/')
    }),
  },
  {
    id: 'namespace-path-that-climbs-taken-from-root',
    area,
    violates: [],
    tests: ['namespaces/create-refuses-a-namespace-path-that-is-relative-to-any-directory'],
    sentence: 'The runtime takes a path of a namespace that climbs to the root and down again.',
    effect: everyNamespace((namespace) => {
      if (namespace.path !== undefined) namespace.path = namespace.path.replace(/^(\.\.\/)+/, '/')
    }),
  },
  {
    id: 'namespace-path-refused',
    area,
    violates: ['namespaces-path-optional'],
    sentence: 'The runtime passes over every path of a namespace.',
    effect: everyNamespace((namespace) => {
      delete namespace.path
    }),
  },
  {
    id: 'second-namespace-of-a-type-passed-over',
    area,
    violates: ['namespaces-duplicate-type-errors'],
    sentence: 'The runtime passes over a second entry of one type of namespace.',
    effect: linuxChanged((linux) => {
      const types = new Set<NamespaceType>()
      const isFirst = ({ type }: Namespace) => !types.has(type) && types.add(type)
      if (linux.namespaces !== undefined) linux.namespaces = linux.namespaces.filter(isFirst)
    }),
  },
  {
    id: 'second-namespace-with-a-path-wins',
    area,
    violates: ['namespaces-duplicate-type-errors'],
    sentence: 'The runtime passes over an entry without a path when another of its type has one.',
    effect: linuxChanged((linux) => {
      const { namespaces = [] } = linux
      const joined = new Set(namespaces.filter(({ path }) => path !== undefined).map(({ type }) => type))
      linux.namespaces = namespaces.filter(({ type, path }) => path !== undefined || !joined.has(type))
    }),
  },
  {
    id: 'namespace-without-type-passed-over',
    area,
    violates: ['namespaces-type-required'],
    sentence: 'The runtime passes over a namespace entry that has no type.',
    effect: onlyObjects(listed, ({ type }) => type !== undefined),
  },
  {
    id: 'namespace-with-empty-type-passed-over',
    area,
    violates: ['namespaces-type-required'],
    sentence: 'The runtime passes over a namespace entry whose type is empty.',
    effect: onlyObjects(listed, ({ type }) => type !== ''),
  },
  {
    id: 'namespace-of-unknown-type-passed-over',
    area,
    violates: ['namespaces-type-required'],
    sentence: 'The runtime passes over a namespace entry of a type that does not exist.',
    effect: onlyObjects(listed, ({ type }) => namespaceKinds.some((kind) => kind.type === type) || !type),
  },
  {
    id: 'user-namespace-path-needs-mappings',
    area,
    violates: [],
    tests: ['namespaces/a-container-joins-a-user-namespace-although-no-mappings-are-given-beside-its-path'],
    sentence: 'The runtime makes a new user namespace when it is given a path and no mappings.',
    effect: objectsChanged(['linux'], (linux) => {
      const { namespaces } = linux
      if (linux['uidMappings'] !== undefined || !Array.isArray(namespaces)) return
      const user = namespaces.findIndex((entry) => JSON.stringify(entry).includes('"type":"user"'))
      if (user === -1) return
      namespaces[user] = { type: 'user' }
      Object.assign(linux, { uidMappings: identity, gidMappings: identity })
    }),
  },
  {
    id: 'program-is-child-of-an-init',
    area,
    violates: ['namespaces-pid-supported'],
    sentence:
      'The runtime runs the program as the child of a process of its own, which is the first of the container.',
    effect: changed(({ process }) => {
      if (process?.args !== undefined) process.args = ['/bin/sh', '-c', '"$0" "$@"; exit $?', ...process.args]
    }),
  },
  {
    id: 'network-namespace-has-an-interface',
    area,
    violates: ['namespaces-network-supported'],
    sentence: 'The runtime leaves an interface of its own in a new network namespace.',
    // Never in a namespace that was there before: that may be the machine's.
    effect: given(
      ({ linux }) =>
        linux?.namespaces?.some(({ type, path }) => type === 'network' && path === undefined) === true,
      filesChanged('ip link add name stray type veth peer name stray-peer'),
    ),
  },
  {
    id: 'executed-process-in-namespace-of-its-own',
    area,
    violates: [],
    tests: ['namespaces/a-process-executed-in-a-container-is-in-all-namespaces-of-its-first-process'],
    sentence: 'The runtime gives an executed process an ipc namespace of its own.',
    effect: executedProcess((process) => {
      for (const set of ['bounding', 'permitted', 'effective'] as const)
        process.capabilities?.[set]?.push('CAP_SYS_ADMIN')
      process.args = ['unshare', '--ipc', ...(process.args ?? [])]
    }),
  },
]
