import type { GuestUser } from './guest-user.ts'

/** Which cgroup hierarchies a guest has: version 2 alone, version 1 alone, or both as older systemd had them. */
export type GuestCgroups = (typeof guestCgroups)[number]

/** All of them, the usual first. */
export const guestCgroups = ['v2', 'v1', 'hybrid'] as const

/** The first process of a guest. */
export type GuestInit = (typeof guestInits)[number]

/** All of them, the usual first. */
export const guestInits = ['busybox', 'systemd'] as const

/** What runs in a guest. */
export interface GuestCommand {
  /** As whom; root unless told. */
  readonly user?: GuestUser | undefined

  /** The program's absolute path, and its arguments. */
  readonly argv: readonly [string, ...string[]]
  /** Absolute; on the host and in the guest the same. */
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What a guest is like, and what it sees of the host beside the read-only root. */
export interface GuestLayout {
  readonly cgroups: GuestCgroups
  readonly init: GuestInit
  /** Directories of the host, absolute, that the guest may write to; each by the name of its share. */
  readonly writable: ReadonlyMap<string, string>
  /** The kernel's modules on the host, and its release. */
  readonly modules: { readonly directory: string; readonly release: string }
  /** Directories of the host that are to be found in another place in the guest. */
  readonly links: ReadonlyMap<string, string>
  /** Directories of the host that the guest has a copy of, by where that is. */
  readonly copies: ReadonlyMap<string, string>
  /** Files of the host, absolute, that the guest had better begin to read at once. */
  readonly wanted: readonly string[]
  /** Which streams of the command are terminals, and their size. */
  readonly terminals: readonly GuestTerminal[]
}

/** A stream of the command that is a terminal on the host, and so in the guest. */
export interface GuestTerminal {
  readonly stream: 'output' | 'errors'
  readonly columns: number
  readonly rows: number
}

/** Where the guest keeps what is ours: in memory, out of the way of the host's files. */
export const guestHome = '/run/runwright-guest'

/** The tag of the share that is the host's root. */
export const rootShare = 'root'
