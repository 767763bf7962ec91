/** The whole configuration, config.json of a bundle: config.md. */
import type * as v from 'valibot'
import { hooksSchema } from './hooks.ts'
import { linuxSchema } from './linux.ts'
import { mountSchema, rootSchema } from './mounts.ts'
import { anything, list, mapOf, object, optional, type Schema, text } from './notation.ts'
import { processSchema } from './process.ts'

/** The members of a configuration; those before 1.0.0-rc6 share most of them. */
export const specMembers = {
  /** Version of the specification the configuration follows, in SemVer. */
  ociVersion: text,
  process: optional(processSchema),
  root: optional(rootSchema),
  /** Needs a uts namespace. */
  hostname: optional(text),
  /** Needs a uts namespace; since 1.1. */
  domainname: optional(text),
  mounts: optional(list(mountSchema)),
  hooks: optional(hooksSchema),
  annotations: optional(mapOf(text)),
  linux: optional(linuxSchema),
  solaris: optional(anything),
  windows: optional(anything),
  vm: optional(anything),
  zos: optional(anything),
  freebsd: optional(anything),
}

const spec = object(specMembers)
/** A container's configuration. Plain, mutable data: what filters edit. */
export interface Spec extends v.InferInput<typeof spec> {}
export const specSchema: Schema<Spec> = spec
