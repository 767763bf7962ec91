/** The configuration as it was at 1.0.0-rc3, before `platform` went and the capabilities became five sets. */
import type * as v from 'valibot'
import { object, optional, type Schema, text, texts } from './notation.ts'
import { processMembers } from './process.ts'
import { specMembers } from './spec.ts'

const platform = object({
  /** As Go names it: `linux`. */
  os: text,
  /** As Go names it: `amd64` where Node says `x64`. */
  arch: text,
})
/** For which system a configuration is. Removed in 1.0.0-rc6. */
export interface Platform extends v.InferInput<typeof platform> {}
export const platformSchema: Schema<Platform> = platform

const oldProcess = object({
  ...processMembers,
  /** One list for all sets. An object since 1.0.0-rc5. */
  capabilities: optional(texts),
})
/** What runs in the container, at 1.0.0-rc3. */
export interface OldProcessSpec extends v.InferInput<typeof oldProcess> {}
export const oldProcessSchema: Schema<OldProcessSpec> = oldProcess

const oldSpec = object({ ...specMembers, platform: platformSchema, process: optional(oldProcessSchema) })
/** A container's configuration at 1.0.0-rc3. */
export interface OldSpec extends v.InferInput<typeof oldSpec> {}
export const oldSpecSchema: Schema<OldSpec> = oldSpec
