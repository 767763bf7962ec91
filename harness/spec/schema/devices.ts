/** Device nodes and device access: config-linux.md, devices, network devices, device allow list. */
import type * as v from 'valibot'
import { flag, int64, object, oneOf, optional, type Schema, text, uint32 } from './notation.ts'

const device = object({
  /** Absolute path inside the container. */
  path: text,
  /** Character (`c`, `u`: unbuffered), block, or FIFO. */
  type: oneOf(['c', 'b', 'u', 'p']),
  /** Required unless the type is `p`. */
  major: optional(int64),
  /** Required unless the type is `p`. */
  minor: optional(int64),
  /** Permission bits as a decimal number: 438 is 0666. */
  fileMode: optional(uint32),
  uid: optional(uint32),
  gid: optional(uint32),
})
/** A device node the runtime makes. */
export interface Device extends v.InferInput<typeof device> {}
export const deviceSchema: Schema<Device> = device

const netDevice = object({
  /** Name inside the container; the host's when absent. */
  name: optional(text),
})
/** A network interface moved into the container; since 1.3. */
export interface NetDevice extends v.InferInput<typeof netDevice> {}
export const netDeviceSchema: Schema<NetDevice> = netDevice

const deviceRule = object({
  allow: flag,
  /** `a` (all, when absent), `c` or `b`. */
  type: optional(text),
  /** All when absent. */
  major: optional(int64),
  /** All when absent. */
  minor: optional(int64),
  /** Some of `r`, `w` and `m` (mknod). */
  access: optional(text),
})
/** One entry of the device allow list; later entries override earlier ones. */
export interface DeviceRule extends v.InferInput<typeof deviceRule> {}
export const deviceRuleSchema: Schema<DeviceRule> = deviceRule
