import { before, type Effect, type Fault } from '../harness/fault/index.ts'
import type { Linux } from '../harness/spec/index.ts'
import { linuxChanged, refusing } from './configurations.ts'

/** Both lists of paths, and the word for what becomes of what they name. */
const lists = {
  masked: { member: 'maskedPaths', word: 'masked' },
  readonly: { member: 'readonlyPaths', word: 'read-only' },
} as const

type List = (typeof lists)[keyof typeof lists]

function pathsOf({ member }: List, edit: (paths: readonly string[]) => string[]): Effect {
  return linuxChanged((linux) => {
    const paths = linux[member]
    if (paths !== undefined) linux[member] = edit(paths)
  })
}

/** Paths of the tests' own: what a configuration lists by itself stays hidden and protected. */
function isAdded(path: string): boolean {
  return path.startsWith('/mnt/')
}

function faultsOf(kind: string, list: List): readonly Fault[] {
  const [area, violates] = [`${kind}-paths`, [`${kind}paths-optional`]]
  const { member, word } = list
  return [
    {
      id: `${kind}-paths-dropped`,
      area,
      violates,
      sentence: `The runtime leaves the list of ${word} paths out.`,
      effect: linuxChanged((linux) => {
        delete linux[member]
      }),
    },
    {
      id: `${kind}-paths-last-lost`,
      area,
      violates,
      sentence: `The runtime loses the last of the ${word} paths.`,
      effect: pathsOf(list, (paths) => paths.slice(0, -1)),
    },
    {
      id: `${kind}-paths-only-of-proc-and-sys`,
      area,
      violates,
      sentence: `The runtime looks for ${word} paths in /proc and /sys alone.`,
      effect: pathsOf(list, (paths) => paths.filter((path) => /^\/(proc|sys)\//.test(path))),
    },
    {
      id: `${kind}-paths-not-of-proc`,
      area,
      violates,
      sentence: `The runtime passes over ${word} paths below /proc.`,
      effect: pathsOf(list, (paths) => paths.filter((path) => !path.startsWith('/proc/'))),
    },
    {
      id: `${kind}-paths-reach-too-far`,
      area,
      violates,
      sentence: `The runtime takes the directory in which a ${word} path lies for that path.`,
      effect: pathsOf(list, (paths) =>
        paths.map((path) => (isAdded(path) ? path.replace(/\/[^/]+$/, '') : path)),
      ),
    },
    {
      id: `${kind}-paths-end-at-one-that-is-missing`,
      area,
      violates,
      sentence: `The runtime passes over the ${word} paths behind one that does not exist.`,
      effect: pathsOf(list, (paths) => {
        const missing = paths.findIndex((path) => path.startsWith('/mnt/nowhere'))
        return missing === -1 ? [...paths] : paths.slice(0, missing)
      }),
    },
    {
      id: `${kind}-paths-undone-by-exec`,
      area,
      violates,
      sentence: `The runtime takes away what makes paths ${word} when it executes a process.`,
      effect: before('exec', 'nsenter --target "$PID" --mount /bin/busybox umount /mnt/first'),
    },
    {
      id: `${kind}-paths-required`,
      area,
      violates,
      sentence: `The runtime refuses a configuration without a list of ${word} paths.`,
      effect: refusing(({ linux }) => linux?.[member] === undefined),
    },
    {
      id: `${kind}-paths-relative-taken-from-root`,
      area,
      violates: [`${kind}paths-absolute`],
      sentence: `The runtime takes a relative ${word} path from the root of the container.`,
      effect: pathsOf(list, (paths) => paths.map((path) => path.replace(/^(?!\/)/, '/'))),
    },
    {
      id: `${kind}-paths-relative-passed-over`,
      area,
      violates: [`${kind}paths-absolute`],
      sentence: `The runtime passes over a relative ${word} path.`,
      effect: pathsOf(list, (paths) => paths.filter((path) => path.startsWith('/'))),
    },
  ]
}

export const maskedReadonlyPaths: readonly Fault[] = [
  ...Object.entries(lists).flatMap(([kind, list]) => faultsOf(kind, list)),
  {
    id: 'masked-paths-only-read-only',
    area: 'masked-paths',
    violates: ['maskedpaths-optional'],
    sentence: 'The runtime makes masked paths read-only.',
    effect: movedTo('readonlyPaths', 'maskedPaths'),
  },
  {
    id: 'readonly-paths-masked',
    area: 'readonly-paths',
    violates: ['readonlypaths-optional'],
    sentence: 'The runtime masks read-only paths.',
    effect: movedTo('maskedPaths', 'readonlyPaths'),
  },
  {
    id: 'masked-directory-keeps-its-content',
    area: 'masked-paths',
    violates: ['maskedpaths-optional'],
    sentence: 'The runtime masks files and leaves directories as they are.',
    effect: linuxChanged((linux) => {
      linux.maskedPaths = linux.maskedPaths?.filter((path) => !path.endsWith('/directory')) ?? []
    }),
  },
  {
    id: 'readonly-directory-stays-writable',
    area: 'readonly-paths',
    violates: ['readonlypaths-optional'],
    sentence: 'The runtime makes files read-only and leaves directories as they are.',
    effect: linuxChanged((linux) => {
      linux.readonlyPaths = linux.readonlyPaths?.filter((path) => !path.endsWith('/directory')) ?? []
    }),
  },
]

type PathList = 'maskedPaths' | 'readonlyPaths'

/** What one list names outside of /proc and /sys goes to the other. */
function movedTo(to: PathList, from: PathList): Effect {
  return linuxChanged((linux: Linux) => {
    const paths = linux[from] ?? []
    linux[to] = [...(linux[to] ?? []), ...paths.filter(isAdded)]
    linux[from] = paths.filter((path) => !isAdded(path))
  })
}
