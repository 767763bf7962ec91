import { before, type Fault, program } from '../harness/fault/index.ts'
import { mountOptions } from '../harness/spec/index.ts'
import {
  changed,
  everyMount,
  isBind,
  isDefaultMount,
  mountOptionsAs,
  onlyMounts,
  onlyObjects,
  refusing,
} from './configurations.ts'
import { fromWorkingDirectory } from './working-directory.ts'

/** How many steps a path has. */
function depthOf(path: string): number {
  return path.split('/').filter((step) => step !== '').length
}

/** Names of options that are the runtime's business, and those that a tmpfs takes. */
const names: ReadonlySet<string> = new Set(mountOptions.map(({ name }) => name))
const ofTmpfs = ['size', 'nr_inodes', 'nr_blocks', 'mode', 'uid', 'gid', 'huge', 'mpol']

/** Options in two heaps: those that are the runtime's business, and those that it hands to the file system. */
function sorted(options: readonly string[]): { readonly flags: string[]; readonly data: string[] } {
  return {
    flags: options.filter((option) => names.has(option)),
    data: options.filter((option) => !names.has(option)),
  }
}

const dataRequirement = 'mount-options-unknown-as-fs-data'

/** File systems that a container has by default and that nothing else is mounted below. */
const defaultFileSystems: Readonly<Record<string, string>> = {
  proc: '/proc',
  'dev-pts': '/dev/pts',
  'dev-shm': '/dev/shm',
}

function lost(name: string, path: string): Fault {
  return {
    id: `default-file-system-${name}-lost`,
    area: 'mounts',
    violates: [`default-filesystem-${name}`],
    sentence: `The runtime mounts nothing at ${path}.`,
    effect: onlyMounts(({ destination }) => destination !== path),
  }
}

/** Links that a destination may lead through, by how `readlink` prints where they lead. */
const links: Readonly<Record<string, { readonly pattern: string; readonly tests: readonly string[] }>> = {
  relative: {
    pattern: '[!./]*',
    tests: ['mounts/a-destination-that-leads-through-a-relative-link-stays-within-the-root-file-system'],
  },
  climbing: {
    pattern: '../*',
    tests: [
      'mounts/a-destination-that-leads-through-a-link-that-climbs-out-of-the-root-stays-within-the-root-file-system',
    ],
  },
  absolute: {
    pattern: '/*',
    tests: [
      'mounts/a-destination-that-leads-through-an-absolute-link-stays-within-the-root-file-system',
      'mounts/a-destination-that-is-a-link-to-a-path-of-the-host-is-not-followed-out-of-the-container',
    ],
  },
}

export const mounts: readonly Fault[] = [
  {
    id: 'mounts-required',
    area: 'mounts',
    violates: ['mounts-optional'],
    sentence: 'The runtime refuses a configuration without mounts.',
    effect: refusing((spec) => spec.mounts === undefined),
  },
  ...Object.entries(defaultFileSystems).map(([name, path]) => lost(name, path)),
  {
    id: 'sys-is-a-tmpfs',
    area: 'mounts',
    violates: ['default-filesystem-sys'],
    sentence: 'The runtime mounts a tmpfs at /sys.',
    effect: everyMount((mount) => {
      if (mount.destination === '/sys') Object.assign(mount, { type: 'tmpfs', source: 'tmpfs' })
    }),
  },
  {
    id: 'dev-shm-is-a-message-queue',
    area: 'mounts',
    violates: ['default-filesystem-dev-shm'],
    sentence: 'The runtime mounts a file system of another type at /dev/shm.',
    effect: everyMount((mount) => {
      if (mount.destination === '/dev/shm')
        Object.assign(mount, { type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] })
    }),
  },

  // Order and places.
  {
    id: 'mounts-in-reverse-order',
    area: 'mounts',
    violates: ['mounts-in-listed-order'],
    sentence:
      'The runtime mounts in the reverse of the listed order what lies outside of /dev, /proc and /sys.',
    effect: changed((spec) => {
      const { mounts = [] } = spec
      const added = mounts.filter((mount) => !isDefaultMount(mount))
      spec.mounts = [...mounts.filter(isDefaultMount), ...added.reverse()]
    }),
  },
  {
    id: 'mounts-sorted-by-destination',
    area: 'mounts',
    violates: ['mounts-in-listed-order'],
    sentence: 'The runtime mounts in the order of the destinations and not in that of the list.',
    effect: changed(({ mounts = [] }) => {
      mounts.sort((one, other) => (one.destination < other.destination ? -1 : 1))
    }),
  },
  {
    id: 'mounts-sorted-by-depth',
    area: 'mounts',
    violates: ['mounts-in-listed-order'],
    sentence: 'The runtime mounts what lies higher before what lies deeper.',
    effect: changed(({ mounts = [] }) => {
      mounts.sort((one, other) => depthOf(one.destination) - depthOf(other.destination))
    }),
  },
  {
    id: 'second-mount-at-one-place-lost',
    area: 'mounts',
    violates: ['mounts-in-listed-order'],
    sentence: 'The runtime passes over a mount whose destination an earlier one has.',
    effect: changed((spec) => {
      const taken = new Set<string>()
      spec.mounts = (spec.mounts ?? []).filter(
        ({ destination }) => !taken.has(destination) && taken.add(destination),
      )
    }),
  },
  {
    id: 'mount-without-destination-passed-over',
    area: 'mounts',
    violates: ['mounts-destination-required'],
    sentence: 'The runtime passes over a mount that has no destination.',
    effect: onlyObjects(['mounts'], ({ destination }) => destination !== undefined),
  },
  {
    id: 'mount-with-empty-destination-passed-over',
    area: 'mounts',
    violates: ['mounts-destination-required'],
    sentence: 'The runtime passes over a mount whose destination is empty.',
    effect: onlyObjects(['mounts'], ({ destination }) => destination !== ''),
  },
  {
    id: 'relative-destination-from-working-directory',
    area: 'mounts',
    violates: ['mounts-destination-relative-to-root'],
    sentence: 'The runtime takes a relative destination for one below the working directory of the process.',
    effect: changed(({ mounts = [], process }) => {
      for (const mount of mounts) {
        if (!mount.destination.startsWith('/'))
          mount.destination = `${process?.cwd ?? ''}/${mount.destination}`
      }
    }),
  },
  {
    id: 'relative-destination-passed-over',
    area: 'mounts',
    violates: ['mounts-destination-may-be-relative'],
    sentence: 'The runtime passes over a mount whose destination is relative.',
    effect: onlyMounts(({ destination }) => destination.startsWith('/')),
  },
  {
    id: 'absolute-destination-below-working-directory',
    area: 'mounts',
    violates: ['mounts-destination-absolute'],
    sentence:
      'The runtime takes destinations outside of /dev, /proc and /sys for places below the working directory.',
    effect: changed(({ mounts = [], process: { cwd = '/' } = {} }) => {
      for (const mount of mounts) {
        if (!isDefaultMount(mount)) mount.destination = `${cwd}/${mount.destination}`
      }
    }),
  },
  {
    id: 'deep-place-of-bind-not-made',
    area: 'mounts',
    violates: ['mounts-bind-by-option'],
    sentence: 'The runtime passes over a bind mount for which more than one directory would have to be made.',
    effect: onlyMounts(
      (mount) => !isBind(mount) || depthOf(mount.destination) < 3 || mount.destination.startsWith('/sys/'),
    ),
  },
  ...Object.entries(links).map(
    ([kind, { pattern, tests }]): Fault => ({
      id: `${kind}-link-at-destination-replaced`,
      area: 'mounts',
      violates: [],
      tests,
      sentence: `The runtime makes a directory of a ${kind} link in the root instead of mounting where it leads.`,
      effect: before(
        ['create', 'run'],
        `for link in "$BUNDLE"/rootfs/*; do
          case "$(readlink "$link")" in ${pattern}) rm "$link"; mkdir "$link";; esac
        done`,
      ),
    }),
  ),

  // Sources, types and what is bound.
  {
    id: 'mount-without-source-passed-over',
    area: 'mounts',
    violates: ['mounts-source-optional'],
    sentence: 'The runtime passes over a mount that has no source.',
    effect: onlyMounts(({ source }) => source !== undefined),
  },
  {
    id: 'mount-without-options-is-read-only',
    area: 'mounts',
    violates: ['mounts-options-optional'],
    sentence: 'The runtime mounts read-only what has no options.',
    effect: everyMount((mount) => {
      mount.options ??= ['ro']
    }),
  },
  {
    id: 'relative-source-from-host-root',
    area: 'mounts',
    violates: ['mounts-source-relative-to-bundle'],
    sentence: 'The runtime takes a relative source from the root of the host.',
    effect: everyMount((mount) => {
      if (isBind(mount)) mount.source = mount.source?.replace(/^(?!\/)/, '/')
    }),
  },
  {
    id: 'relative-source-from-root-file-system',
    area: 'mounts',
    violates: ['mounts-source-relative-to-bundle'],
    sentence: 'The runtime takes a source that begins with a dot from the root file system of the container.',
    effect: everyMount((mount) => {
      if (isBind(mount)) mount.source = mount.source?.replace(/^\.\//, './rootfs/')
    }),
  },
  {
    id: 'relative-source-from-working-directory',
    area: 'mounts',
    violates: ['mounts-source-relative-to-bundle'],
    sentence: 'The runtime takes a relative source from its own working directory where there is such a one.',
    effect: program('run', fromWorkingDirectory('data')),
  },
  {
    id: 'bind-by-type-alone',
    area: 'mounts',
    violates: ['mounts-bind-by-option'],
    sentence: 'The runtime binds only where the type does not name another file system.',
    effect: everyMount((mount) => {
      if (isBind(mount) && !['none', 'bind', undefined].includes(mount.type))
        mount.options = mount.options?.filter((option) => option !== 'bind' && option !== 'rbind') ?? []
    }),
  },
  {
    id: 'mount-without-type-passed-over',
    area: 'mounts',
    violates: ['mounts-type-optional'],
    sentence: 'The runtime passes over a mount that has no type.',
    effect: onlyMounts(({ type }) => type !== undefined),
  },
  {
    id: 'mount-of-type-none-passed-over',
    area: 'mounts',
    violates: ['mounts-bind-by-option'],
    sentence: 'The runtime binds what is of the type bind, and passes over what is of the type none.',
    effect: onlyMounts(({ type }) => type !== 'none'),
  },
  {
    id: 'rbind-without-type-passed-over',
    area: 'mounts',
    violates: ['mounts-bind-by-option'],
    sentence: 'The runtime passes over a mount without a type whose options hold rbind, but not bind.',
    effect: onlyMounts(({ type, options = [] }) => type !== undefined || !options.includes('rbind')),
  },
  {
    id: 'mount-of-type-bind-passed-over',
    area: 'mounts',
    violates: ['mounts-bind-by-option'],
    sentence: 'The runtime passes over a mount whose type is bind.',
    effect: onlyMounts(({ type }) => type !== 'bind'),
  },
  {
    id: 'unknown-file-system-passed-over',
    area: 'mounts',
    violates: ['mounts-type-optional'],
    sentence: 'The runtime passes over a mount whose file system the kernel does not know.',
    effect: onlyMounts((mount) => isBind(mount) || mount.type?.startsWith('nosuch') !== true),
  },
  {
    id: 'bind-mounts-read-only',
    area: 'mounts',
    violates: ['mounts-bind-by-option'],
    sentence: 'The runtime binds everything read-only.',
    effect: everyMount((mount) => {
      if (isBind(mount)) mount.options = [...(mount.options ?? []), 'ro']
    }),
  },

  // What is the business of the file system.
  {
    id: 'file-system-data-lost',
    area: 'mounts',
    violates: [dataRequirement],
    sentence: 'The runtime hands a file system none of its own options.',
    effect: mountOptionsAs((options) => sorted(options).flags),
  },
  {
    id: 'file-system-data-only-first',
    area: 'mounts',
    violates: [dataRequirement],
    sentence: 'The runtime hands a file system only the first of its own options.',
    effect: mountOptionsAs((options) => {
      const { flags, data } = sorted(options)
      return [...flags, ...data.slice(0, 1)]
    }),
  },
  {
    id: 'file-system-data-only-last',
    area: 'mounts',
    violates: [dataRequirement],
    sentence: 'The runtime hands a file system only the last of its own options.',
    effect: mountOptionsAs((options) => {
      const { flags, data } = sorted(options)
      return [...flags, ...data.slice(-1)]
    }),
  },
  {
    id: 'flags-lost-beside-file-system-data',
    area: 'mounts',
    violates: [dataRequirement],
    sentence: 'The runtime loses all other options of a mount that has some for the file system.',
    effect: mountOptionsAs((options) => {
      const { data } = sorted(options)
      return data.length > 0 ? data : [...options]
    }),
  },
  {
    id: 'unknown-file-system-data-passed-over',
    area: 'mounts',
    violates: [dataRequirement],
    sentence: 'The runtime keeps from a tmpfs what that would refuse.',
    effect: mountOptionsAs((options, { type }) =>
      options.filter(
        (option) =>
          type !== 'tmpfs' || names.has(option) || ofTmpfs.some((name) => option.startsWith(`${name}=`)),
      ),
    ),
  },
]
