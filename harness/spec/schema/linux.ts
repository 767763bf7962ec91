/** What only Linux has: config-linux.md. */
import type * as v from 'valibot'
import { namespaceTypes } from '../tables/namespaces.ts'
import { deviceSchema, netDeviceSchema } from './devices.ts'
import { idMappingSchema } from './mounts.ts'
import {
  flag,
  int64,
  list,
  mapOf,
  object,
  oneOf,
  optional,
  type Schema,
  text,
  textLike,
  texts,
  uint32,
} from './notation.ts'
import { resourcesSchema } from './resources.ts'
import { seccompSchema } from './seccomp.ts'

const namespace = object({
  type: oneOf(namespaceTypes),
  /** An existing namespace to join; a new one is made when absent. */
  path: optional(text),
})
/** A namespace the container has for itself, or joins. */
export interface Namespace extends v.InferInput<typeof namespace> {}
export const namespaceSchema: Schema<Namespace> = namespace

const intelRdt = object({
  /** Class of service; the container's id when absent. */
  closID: optional(text),
  /** Lines for the schemata file; since 1.3. */
  schemata: optional(texts),
  l3CacheSchema: optional(text),
  memBwSchema: optional(textLike(/^MB:[^\n]*$/, 'one line that starts with MB:')),
  /** Whether to make a monitoring group; since 1.3. */
  enableMonitoring: optional(flag),
})
/** Intel Resource Director Technology (Documentation/arch/x86/resctrl.rst). */
export interface IntelRdt extends v.InferInput<typeof intelRdt> {}
export const intelRdtSchema: Schema<IntelRdt> = intelRdt

/** NUMA policies of set_mempolicy(2). */
export const memoryPolicyModes = [
  'MPOL_DEFAULT',
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_WEIGHTED_INTERLEAVE',
  'MPOL_PREFERRED',
  'MPOL_PREFERRED_MANY',
  'MPOL_LOCAL',
] as const

/** Flags of set_mempolicy(2). */
export const memoryPolicyFlags = [
  'MPOL_F_NUMA_BALANCING',
  'MPOL_F_RELATIVE_NODES',
  'MPOL_F_STATIC_NODES',
] as const

const memoryPolicy = object({
  mode: oneOf(memoryPolicyModes),
  /** Memory nodes, such as `0-1`. */
  nodes: optional(text),
  flags: optional(list(oneOf(memoryPolicyFlags))),
})
/** NUMA memory policy of the process; since 1.3. */
export interface MemoryPolicy extends v.InferInput<typeof memoryPolicy> {}
export const memoryPolicySchema: Schema<MemoryPolicy> = memoryPolicy

const personality = object({
  domain: oneOf(['LINUX', 'LINUX32']),
  flags: optional(texts),
})
/** Execution domain of the process (personality(2)). */
export interface Personality extends v.InferInput<typeof personality> {}
export const personalitySchema: Schema<Personality> = personality

const timeOffset = object({ secs: optional(int64), nanosecs: optional(uint32) })
export interface TimeOffset extends v.InferInput<typeof timeOffset> {}
export const timeOffsetSchema: Schema<TimeOffset> = timeOffset

const timeOffsets = object({ boottime: optional(timeOffsetSchema), monotonic: optional(timeOffsetSchema) })
/** How the clocks of a new time namespace differ from the host's; since 1.1. */
export interface TimeOffsets extends v.InferInput<typeof timeOffsets> {}
export const timeOffsetsSchema: Schema<TimeOffsets> = timeOffsets

const linux = object({
  namespaces: optional(list(namespaceSchema)),
  uidMappings: optional(list(idMappingSchema)),
  gidMappings: optional(list(idMappingSchema)),
  timeOffsets: optional(timeOffsetsSchema),
  devices: optional(list(deviceSchema)),
  /** By the interface's name on the host; since 1.3. */
  netDevices: optional(mapOf(netDeviceSchema)),
  /** Absolute below the mount point of the cgroups, or relative to where the runtime likes. */
  cgroupsPath: optional(text),
  resources: optional(resourcesSchema),
  intelRdt: optional(intelRdtSchema),
  memoryPolicy: optional(memoryPolicySchema),
  /** Kernel parameters, such as `net.ipv4.ip_forward`. */
  sysctl: optional(mapOf(text)),
  seccomp: optional(seccompSchema),
  rootfsPropagation: optional(oneOf(['private', 'shared', 'slave', 'unbindable'])),
  /** Absolute paths the container cannot read. */
  maskedPaths: optional(texts),
  /** Absolute paths the container cannot write. */
  readonlyPaths: optional(texts),
  /** SELinux context of the mounts. */
  mountLabel: optional(text),
  personality: optional(personalitySchema),
})
/** The Linux part of a configuration. */
export interface Linux extends v.InferInput<typeof linux> {}
export const linuxSchema: Schema<Linux> = linux
