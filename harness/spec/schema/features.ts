/** What a runtime says it can do: features.md and features-linux.md; since 1.1. Absent and null both mean "unknown". */
import type * as v from 'valibot'
import { flag, mapOf, nullish, object, type Schema, text, texts } from './notation.ts'

const toggle = object({ enabled: nullish(flag) })
/** Whether something is built in. */
export interface FeatureToggle extends v.InferInput<typeof toggle> {}
const toggleSchema: Schema<FeatureToggle> = toggle

const cgroup = object({
  v1: nullish(flag),
  v2: nullish(flag),
  systemd: nullish(flag),
  systemdUser: nullish(flag),
  rdma: nullish(flag),
})
export interface CgroupFeatures extends v.InferInput<typeof cgroup> {}
const cgroupSchema: Schema<CgroupFeatures> = cgroup

const seccomp = object({
  enabled: nullish(flag),
  actions: nullish(texts),
  operators: nullish(texts),
  archs: nullish(texts),
  /** Known to the runtime, whether or not the kernel has them. */
  knownFlags: nullish(texts),
  /** Known to the runtime, its library and the kernel. */
  supportedFlags: nullish(texts),
})
export interface SeccompFeatures extends v.InferInput<typeof seccomp> {}
const seccompFeaturesSchema: Schema<SeccompFeatures> = seccomp

const intelRdt = object({
  enabled: nullish(flag),
  /** Since 1.3. */
  schemata: nullish(flag),
  /** Since 1.3. */
  monitoring: nullish(flag),
})
export interface IntelRdtFeatures extends v.InferInput<typeof intelRdt> {}
const intelRdtFeaturesSchema: Schema<IntelRdtFeatures> = intelRdt

const memoryPolicy = object({ modes: nullish(texts), flags: nullish(texts) })
export interface MemoryPolicyFeatures extends v.InferInput<typeof memoryPolicy> {}
const memoryPolicyFeaturesSchema: Schema<MemoryPolicyFeatures> = memoryPolicy

const mountExtensions = object({ idmap: nullish(toggleSchema) })
export interface MountExtensionFeatures extends v.InferInput<typeof mountExtensions> {}
const mountExtensionsSchema: Schema<MountExtensionFeatures> = mountExtensions

const linux = object({
  namespaces: nullish(texts),
  capabilities: nullish(texts),
  cgroup: nullish(cgroupSchema),
  seccomp: nullish(seccompFeaturesSchema),
  apparmor: nullish(toggleSchema),
  selinux: nullish(toggleSchema),
  intelRdt: nullish(intelRdtFeaturesSchema),
  /** Since 1.3. */
  memoryPolicy: nullish(memoryPolicyFeaturesSchema),
  /** Since 1.2. */
  mountExtensions: nullish(mountExtensionsSchema),
  /** Since 1.3. */
  netDevices: nullish(toggleSchema),
})
export interface LinuxFeatures extends v.InferInput<typeof linux> {}
const linuxFeaturesSchema: Schema<LinuxFeatures> = linux

const features = object({
  ociVersionMin: text,
  ociVersionMax: text,
  hooks: nullish(texts),
  mountOptions: nullish(texts),
  linux: nullish(linuxFeaturesSchema),
  annotations: nullish(mapOf(text)),
  /** Prefixes (ending in a dot) and names of annotations that change what a runtime does; since 1.2. */
  potentiallyUnsafeConfigAnnotations: nullish(texts),
})
/** The features structure of a runtime: what `runc features` prints. */
export interface Features extends v.InferInput<typeof features> {}
export const featuresSchema: Schema<Features> = features
