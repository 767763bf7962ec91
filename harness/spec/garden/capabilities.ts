import type { CapabilitySets } from '../schema/process.ts'
import { type Capability, capabilityNames } from '../tables/capabilities.ts'
import type { GardenHost } from './host.ts'
import type { Treatment } from './treatment.ts'

const unprivileged = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
] as const satisfies readonly Capability[]

const newestOfFull: Capability = 'CAP_AUDIT_READ'

/**
 * What each kind of garden container may do (capabilities(7)): 14 capabilities unprivileged, 15 with FUSE, 38 with full
 * privilege. The three newer ones (PERFMON, BPF, CHECKPOINT_RESTORE) are in none: they came after the Garden API.
 */
export const gardenCapabilities = {
  unprivileged,
  fuseOnly: [...unprivileged, 'CAP_SYS_ADMIN'],
  full: capabilityNames.slice(0, capabilityNames.indexOf(newestOfFull) + 1),
} as const satisfies Readonly<Record<string, readonly Capability[]>>

/**
 * The capability sets of a container's process. No set is ambient, so only root and programs with file capabilities
 * have them.
 *
 * In a user namespace every capability can be had. Without one the kernel lets nobody hand on what they lack, and runc
 * refuses the whole container ("unable to apply caps"): there the sets are what the privilege asks for and the host has.
 */
export function capabilitySets(treatment: Treatment, host: Pick<GardenHost, 'capabilities'>): CapabilitySets {
  const granted = treatment.userNamespace
    ? treatment.capabilities
    : treatment.capabilities.filter((capability) => host.capabilities.includes(capability))
  return {
    bounding: [...granted],
    effective: [...granted],
    inheritable: [...granted],
    permitted: [...granted],
  }
}
