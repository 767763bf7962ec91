/** Limits set through cgroups: config-linux.md, control groups. Sizes are bytes, times microseconds; -1 is unlimited. */
import type * as v from 'valibot'
import { deviceRuleSchema } from './devices.ts'
import {
  flag,
  int64,
  list,
  mapOf,
  object,
  optional,
  type Schema,
  text,
  textLike,
  uint16,
  uint32,
  uint64,
} from './notation.ts'

const memory = object({
  limit: optional(int64),
  /** Soft limit. */
  reservation: optional(int64),
  /** Memory and swap together. */
  swap: optional(int64),
  /** Discouraged since 1.1. */
  kernel: optional(int64),
  /** Discouraged since 1.1. */
  kernelTCP: optional(int64),
  /** 0 to 100. */
  swappiness: optional(uint64),
  disableOOMKiller: optional(flag),
  useHierarchy: optional(flag),
  /** Whether an update below the present usage is refused; since 1.1. */
  checkBeforeUpdate: optional(flag),
})
export interface MemoryLimits extends v.InferInput<typeof memory> {}
export const memorySchema: Schema<MemoryLimits> = memory

const cpu = object({
  /** Relative weight, 2 to 262144 in the kernel. */
  shares: optional(uint64),
  /** Time the container may use per period. */
  quota: optional(int64),
  /** Time that may be saved up beyond the quota; since 1.1. */
  burst: optional(uint64),
  period: optional(uint64),
  realtimeRuntime: optional(int64),
  realtimePeriod: optional(uint64),
  /** CPUs it may run on, such as `0-1,3`. */
  cpus: optional(text),
  /** Memory nodes it may use. */
  mems: optional(text),
  /** 1 for the idle policy; since 1.1. */
  idle: optional(int64),
})
export interface CpuLimits extends v.InferInput<typeof cpu> {}
export const cpuSchema: Schema<CpuLimits> = cpu

const weightDevice = object({
  major: int64,
  minor: int64,
  weight: optional(uint16),
  leafWeight: optional(uint16),
})
export interface WeightDevice extends v.InferInput<typeof weightDevice> {}
export const weightDeviceSchema: Schema<WeightDevice> = weightDevice

const throttleDevice = object({
  major: int64,
  minor: int64,
  /** Bytes, or operations, per second. */
  rate: uint64,
})
export interface ThrottleDevice extends v.InferInput<typeof throttleDevice> {}
export const throttleDeviceSchema: Schema<ThrottleDevice> = throttleDevice

const blockIo = object({
  /** 10 to 1000. */
  weight: optional(uint16),
  leafWeight: optional(uint16),
  weightDevice: optional(list(weightDeviceSchema)),
  throttleReadBpsDevice: optional(list(throttleDeviceSchema)),
  throttleWriteBpsDevice: optional(list(throttleDeviceSchema)),
  throttleReadIOPSDevice: optional(list(throttleDeviceSchema)),
  throttleWriteIOPSDevice: optional(list(throttleDeviceSchema)),
})
export interface BlockIoLimits extends v.InferInput<typeof blockIo> {}
export const blockIoSchema: Schema<BlockIoLimits> = blockIo

const pids = object({
  /** Tasks; -1 is unlimited and 0 is a limit of none (since 1.3). */
  limit: optional(int64),
})
export interface PidsLimit extends v.InferInput<typeof pids> {}
export const pidsSchema: Schema<PidsLimit> = pids

const hugepageLimit = object({
  /** As in the kernel's file names, such as `2MB`. */
  pageSize: textLike(/^[1-9][0-9]*[KMG]B$/, 'a size such as 2MB'),
  limit: uint64,
})
export interface HugepageLimit extends v.InferInput<typeof hugepageLimit> {}
export const hugepageLimitSchema: Schema<HugepageLimit> = hugepageLimit

const interfacePriority = object({ name: text, priority: uint32 })
export interface InterfacePriority extends v.InferInput<typeof interfacePriority> {}
export const interfacePrioritySchema: Schema<InterfacePriority> = interfacePriority

const network = object({
  /** Class the container's packets are tagged with. */
  classID: optional(uint32),
  priorities: optional(list(interfacePrioritySchema)),
})
export interface NetworkLimits extends v.InferInput<typeof network> {}
export const networkSchema: Schema<NetworkLimits> = network

const rdma = object({ hcaHandles: optional(uint32), hcaObjects: optional(uint32) })
export interface RdmaLimit extends v.InferInput<typeof rdma> {}
export const rdmaSchema: Schema<RdmaLimit> = rdma

const resources = object({
  devices: optional(list(deviceRuleSchema)),
  memory: optional(memorySchema),
  cpu: optional(cpuSchema),
  blockIO: optional(blockIoSchema),
  pids: optional(pidsSchema),
  hugepageLimits: optional(list(hugepageLimitSchema)),
  network: optional(networkSchema),
  /** By device name, such as `mlx5_1`. */
  rdma: optional(mapOf(rdmaSchema)),
  /** Files of cgroup v2 and what is written to them; since 1.1. */
  unified: optional(mapOf(text)),
})
/** The limits of a container; also what `update` takes. */
export interface LinuxResources extends v.InferInput<typeof resources> {}
export const resourcesSchema: Schema<LinuxResources> = resources
