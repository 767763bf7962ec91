import { basename, join } from 'node:path'
import { identifyProcess, type MountEntry, readMounts } from '../host/index.ts'
import { processesIn } from './cgroup-end.ts'
import { findCgroups } from './cgroup-search.ts'
import { isDottedContainer } from './dotted-container.ts'
import type { Leak, LeakKind } from './leak.ts'
import { mountsWithin } from './mount-order.ts'
import { networkNamespaces } from './network-namespaces.ts'
import { childrenOfThisProcess, entriesOf, openDescriptors } from './own-process.ts'
import { describeProcess } from './processes.ts'
import { cgroupMountPoints } from './session-cgroups.ts'
import { bearsPrefix } from './session-name.ts'

/** Where to look for what may be left behind. */
export interface SnapshotScope {
  /**
   * What the names of containers, cgroups and network namespaces begin with: a prefix of container ids for what one
   * test makes, the session's for all.
   */
  readonly prefix: string
  /** Directories at or below which mounts count. */
  readonly mountsBelow: readonly string[]
  /** Whether the session itself made a mount and will take it away, so that it does not count. */
  readonly isOwnMount?: (mount: MountEntry, all: readonly MountEntry[]) => boolean
  /** Directories each entry of which counts as a container: the roots of runtimes. */
  readonly roots: readonly string[]
  /** Directories each entry of which counts as a file. */
  readonly directories: readonly string[]
  /** Whether to count the children and the descriptors of this process: not while it does other things beside. */
  readonly ownProcess: boolean
}

/** What there was at one moment, by kind. */
export type Snapshot = ReadonlyMap<LeakKind, ReadonlySet<string>>

/**
 * Looks at what there is now. Made for a look before and after every test: 1 ms on a machine with ten cgroup
 * hierarchies, most of it for searching them.
 *
 * A process that has ended does not count, collected or not.
 */
export function takeSnapshot({
  prefix,
  mountsBelow,
  isOwnMount,
  roots,
  directories,
  ownProcess,
}: SnapshotScope): Snapshot {
  const bears = (name: string) => bearsPrefix(name, prefix)
  const cgroups = cgroupMountPoints().flatMap((mountPoint) => findCgroups(mountPoint, bears))
  const pids = [...cgroups.flatMap(processesIn), ...(ownProcess ? childrenOfThisProcess() : [])]
  return new Map<LeakKind, ReadonlySet<string>>([
    ['container', new Set(roots.flatMap(containersIn))],
    ['process', new Set(pids.flatMap(describeIfAlive))],
    ['cgroup', new Set(cgroups)],
    ['mount', new Set(mountPointsIn({ mountsBelow, isOwnMount }))],
    ['network-namespace', new Set(networkNamespaces().filter((path) => bears(basename(path))))],
    [
      'file',
      new Set(directories.flatMap((directory) => entriesOf(directory).map((name) => join(directory, name)))),
    ],
    ['descriptor', new Set(ownProcess ? openDescriptors() : [])],
  ])
}

function containersIn(root: string): readonly string[] {
  return entriesOf(root).filter((name) => !name.startsWith('.') || isDottedContainer(root, name))
}

/** What the second of two snapshots of the same scope has and the first has not. */
export function compareSnapshots(before: Snapshot, after: Snapshot): Leak[] {
  return [...after].flatMap(([kind, things]) =>
    [...things].filter((what) => before.get(kind)?.has(what) !== true).map((what) => ({ kind, what })),
  )
}

/** Where something is mounted in a scope. */
export function mountPointsIn({
  mountsBelow,
  isOwnMount = () => false,
}: {
  readonly mountsBelow: readonly string[]
  readonly isOwnMount?: SnapshotScope['isOwnMount'] | undefined
}): string[] {
  if (mountsBelow.length === 0) return []
  const mounts = readMounts()
  return mountsWithin(mounts, mountsBelow)
    .filter((mount) => !isOwnMount(mount, mounts))
    .map(({ mountPoint }) => mountPoint)
}

function describeIfAlive(pid: number): string[] {
  const identity = identifyProcess(pid)
  return identity === undefined ? [] : [describeProcess(identity)]
}
