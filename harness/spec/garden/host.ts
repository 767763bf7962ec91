import { existsSync, readFileSync } from 'node:fs'
import { capabilitiesOfMask } from '../tables/capabilities.ts'
import { GardenHostError } from './errors.ts'
import { type IdRange, parseIdMap } from './id-mappings.ts'
import { hasSwapAccounting } from './swap-accounting.ts'

/** What the conversion has to know about the machine and the engine on it. */
export interface GardenHost {
  /** Absolute path of the program that is a container's first, unless the engine has its own. */
  readonly initBinary: string
  /** The engine's own user ids: they are all there is to share out. */
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
  /** What the engine may hand on where there is no user namespace. */
  readonly capabilities: readonly string[]
  /** Which kind of cgroup a container mounts; a hybrid host's is `v1`. */
  readonly cgroup: 'v1' | 'v2'
  readonly cgroupNamespace: boolean
  /** Whether memory and swap together can be limited. */
  readonly swapAccounting: boolean
  /** Whether a bind mount's source is there. */
  readonly exists: (path: string) => boolean
}

/** Where Concourse workers have theirs. */
const usualInitBinary = '/usr/local/concourse/bin/init'

/**
 * The facts of this machine, except for those already known.
 *
 * @throws {GardenHostError} when the kernel does not tell.
 */
export function readGardenHost(known: Partial<GardenHost> = {}): GardenHost {
  const cgroup = known.cgroup ?? (existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1')
  return {
    initBinary: known.initBinary ?? usualInitBinary,
    uidMap: known.uidMap ?? readIdMap('/proc/self/uid_map'),
    gidMap: known.gidMap ?? readIdMap('/proc/self/gid_map'),
    capabilities: known.capabilities ?? readCapabilities(),
    cgroup,
    cgroupNamespace: known.cgroupNamespace ?? existsSync('/proc/self/ns/cgroup'),
    swapAccounting: known.swapAccounting ?? hasSwapAccounting(cgroup),
    exists: known.exists ?? existsSync,
  }
}

function readIdMap(path: string): IdRange[] {
  return parseIdMap(readKernelFile(path), path)
}

/** Permitted and in the bounding set: neither alone is enough to hand a capability on through execve(2). */
function readCapabilities(): string[] {
  const status = readKernelFile('/proc/self/status')
  const bounding = capabilitySet(status, 'CapBnd')
  return capabilitySet(status, 'CapPrm').filter((capability) => bounding.includes(capability))
}

function capabilitySet(status: string, field: 'CapPrm' | 'CapBnd'): string[] {
  const mask = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
  if (mask === undefined) throw new GardenHostError(`/proc/self/status has no ${field}`)
  return capabilitiesOfMask(mask)
}

function readKernelFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new GardenHostError(`${path} cannot be read: say what it would tell, or run on Linux`, { cause })
  }
}
