import type { Hooks } from '../schema/hooks.ts'
import type { Integer64 } from '../schema/notation.ts'
import type { DeepReadonly } from '../schema/readonly.ts'
import type { RlimitName } from '../tables/rlimits.ts'
import type { Privilege } from './privilege.ts'

/** A directory or file of the host made visible in the container. */
export interface GardenBindMount {
  /** Absolute path on the host. */
  readonly source: string
  /** Absolute path in the container, other than its root. */
  readonly destination: string
  /** Whether the container may write to it; `ro` when absent. */
  readonly mode?: 'ro' | 'rw'
  /** Whose path the source is. Garden also knows `container`, which no backend ever offered. */
  readonly origin?: 'host'
}

/** What the container may use up. Absent and 0 both mean "no limit". */
export interface GardenLimits {
  readonly cpu?: {
    /** Relative share of the CPU; wins over `limitInShares`. */
    readonly weight?: Integer64
    /** The older name of the same. */
    readonly limitInShares?: Integer64
  }
  readonly memory?: { readonly limitInBytes?: Integer64 }
  readonly pid?: {
    /** Processes and threads together. */
    readonly max?: Integer64
  }
}

/** Soft and hard value of a resource limit; `unlimited` of the rlimit table lifts it. */
export interface GardenRlimit {
  readonly soft: Integer64
  readonly hard: Integer64
}

/** A user by its ids inside the container. */
export interface GardenUserIds {
  readonly uid: number
  readonly gid: number
  readonly additionalGids?: readonly number[]
}

/** A container as the Garden API describes it. */
export interface GardenContainer {
  /** Name of the container: its id for the runtime, its host name and its cgroup. At most 64 of `A-Za-z0-9_+.-`. */
  readonly handle: string
  /** The root file system, as `raw:///absolute/directory`. Give this or `image`. */
  readonly rootFSPath?: string
  /** The root file system under its newer name. Give this or `rootFSPath`. */
  readonly image?: { readonly uri: string }
  /** Unprivileged when absent. */
  readonly privilege?: Privilege
  readonly bindMounts?: readonly GardenBindMount[]
  /** What the network set-up wants to see inside, such as `/etc/resolv.conf`; mounted after `bindMounts`. */
  readonly networkMounts?: readonly GardenBindMount[]
  /** `NAME=value` each. */
  readonly env?: readonly string[]
  /** Become annotations. */
  readonly properties?: Readonly<Record<string, string>>
  readonly limits?: GardenLimits
  /** Device access beyond the usual, as `type major:minor access`: `c 10:200 rwm`. */
  readonly deviceRules?: readonly string[]
  /** Handed on as they are. */
  readonly hooks?: DeepReadonly<Hooks>
  /** Whom the container's first process runs as; root when absent. */
  readonly user?: GardenUserIds
  /** Resource limits beside, or instead of, {@link gardenRlimits}. */
  readonly rlimits?: Readonly<Partial<Record<RlimitName, GardenRlimit>>>
  /** Whether setuid programs lose their power; by the privilege when absent. */
  readonly noNewPrivileges?: boolean
  /** Paths the container cannot read, instead of those of its privilege; `[]` for none. */
  readonly maskedPaths?: readonly string[]
  /** Paths the container cannot write, instead of those of its privilege; `[]` for none. */
  readonly readonlyPaths?: readonly string[]
}
