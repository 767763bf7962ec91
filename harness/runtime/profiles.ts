import gt from 'semver/functions/gt.js'
import type { CgroupLayout } from '../host/index.ts'
import { shellQuote } from './shell-quote.ts'
import { comparableVersion } from './version.ts'

/** What a runtime may offer beside the operations that the specification demands. */
export type RuntimeFeature = (typeof features)[number]

const features = [
  'checkpoint',
  'console',
  /** Hooks that run in the container's namespaces: createContainer and startContainer. */
  'container-hooks',
  'events',
  'exec',
  'features',
  /** Containers run on the host's kernel: their processes, namespaces and mounts are the host's to see and to share. */
  'host-kernel',
  'kill-all',
  'list',
  'pause',
  'preserve-descriptors',
  'ps',
  'restore',
  /** Puts a container of an ordinary user into a cgroup also without systemd's help. */
  'rootless-cgroup',
  /** Lets an ordinary user see the namespaces of a container whose program was not run yet. */
  'rootless-namespaces',
  'spec',
  'stats',
  /** Has systemd make the cgroups of its containers, where it is told to (`--systemd-cgroup`). */
  'systemd-cgroup',
  'top',
  'update',
] as const

/** What the harness knows about a runtime before it has asked it anything. */
export interface RuntimeProfile {
  readonly name: string
  /** The program's usual name. */
  readonly command: string
  /** Global options that it needs under a harness. */
  readonly arguments: readonly string[]
  /** What no version of it offers, or not in the form that the harness knows. */
  readonly lacks: readonly RuntimeFeature[]
  /** What it did not offer before a version. */
  readonly offersSince?: Readonly<Partial<Record<RuntimeFeature, string>>>
  /** Kinds of things that it is known to leave of a container that it cannot create. They are removed and not counted. */
  readonly leaves?: readonly ('cgroup' | 'container')[]
  /** Words to put in front of the command so that it works on this host. */
  readonly prefixOn: (host: { readonly cgroups: CgroupLayout }) => readonly string[]
  /** The package of Debian and Ubuntu that has it. */
  readonly package?: string
}

/** Runtimes that the harness knows by name. */
export const runtimeProfiles: readonly RuntimeProfile[] = [
  {
    name: 'runc',
    command: 'runc',
    arguments: [],
    lacks: [],
    // It tries for a sixth of a second to remove the cgroup, which on a slow machine some process is still leaving.
    leaves: ['cgroup'],
    prefixOn: nothingInFront,
    package: 'runc',
  },
  {
    name: 'crun',
    command: 'crun',
    arguments: [],
    // `top` takes no arguments for ps(1). A user's container gets a cgroup only where its configuration or systemd says
    // which, and the kernel lets no user look into a process that crun has not let go.
    lacks: ['checkpoint', 'events', 'restore', 'rootless-cgroup', 'rootless-namespaces', 'stats', 'top'],
    offersSince: { features: '1.8.6' },
    // On v2 that of every container that it begins and cannot finish.
    leaves: ['cgroup'],
    prefixOn: withoutUnifiedHierarchy,
    package: 'crun',
  },
  {
    name: 'runsc',
    command: 'runsc',
    // No network: it wants devices for one, which it then takes over. No overlay: it keeps what a container writes from
    // the root file system. Raw sockets and filters it leaves out otherwise, whatever the configuration says.
    arguments: ['--network=none', '--net-raw', '--overlay2=none', '--oci-seccomp'],
    // Its containers have a kernel of their own, whose processes and namespaces are none of the host's: also those that
    // `ps` shows. `events` tells of statistics only.
    lacks: [
      'container-hooks',
      'events',
      'features',
      'host-kernel',
      'preserve-descriptors',
      'ps',
      'top',
      'update',
    ],
    // Of a container that it cannot create, whatever the reason, its cgroups and the socket of its sandbox stay.
    leaves: ['cgroup', 'container'],
    prefixOn: nothingInFront,
    package: 'runsc',
  },
  {
    name: 'youki',
    command: 'youki',
    arguments: [],
    lacks: ['restore', 'top'],
    prefixOn: nothingInFront,
  },
]

/** The profile of a runtime that none of these is. */
export function genericProfile(name: string, command: string): RuntimeProfile {
  return { name, command, arguments: [], lacks: [], prefixOn: nothingInFront }
}

/** What a runtime of this profile does not offer; one that does not say its version is held to the newest. */
export function lackedBy(
  { lacks, offersSince = {} }: RuntimeProfile,
  version: string | undefined,
): readonly RuntimeFeature[] {
  const own = comparableVersion(version)
  if (own === null) return lacks
  const missing = features.filter((feature) => gt(offersSince[feature] ?? '0.0.0', own))
  return [...lacks, ...missing]
}

/** The profile of this name. */
export function profileNamed(name: string): RuntimeProfile | undefined {
  return runtimeProfiles.find((profile) => profile.name === name)
}

function nothingInFront(): readonly string[] {
  return []
}

/**
 * crun refuses to work where a cgroup v2 hierarchy with controllers is mounted beside those of v1. It gets a mount
 * namespace of its own, in which an empty file system covers that hierarchy; it goes with the namespace.
 */
function withoutUnifiedHierarchy({ cgroups }: { readonly cgroups: CgroupLayout }): readonly string[] {
  if (cgroups.kind !== 'hybrid' || cgroups.unified === undefined) return []
  const cover = shellQuote(['mount', '-t', 'tmpfs', 'none', cgroups.unified])
  return ['unshare', '--mount', 'sh', '-c', `${cover} && exec "$0" "$@"`]
}
