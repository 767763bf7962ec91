/** Root file system, mounts and id mappings: config.md, root and mounts; config-linux.md, user namespace mappings. */
import type * as v from 'valibot'
import { flag, list, object, optional, type Schema, text, texts, uint32 } from './notation.ts'

const root = object({
  /** Absolute, or relative to the bundle. */
  path: text,
  /** Whether the container may not write to it; false when absent. */
  readonly: optional(flag),
})
/** The container's root file system. */
export interface Root extends v.InferInput<typeof root> {}
export const rootSchema: Schema<Root> = root

const idMapping = object({
  /** First id inside the container. */
  containerID: uint32,
  /** First id on the host. */
  hostID: uint32,
  /** How many ids are mapped. */
  size: uint32,
})
/** A range of user or group ids (user_namespaces(7)). */
export interface IdMapping extends v.InferInput<typeof idMapping> {}
export const idMappingSchema: Schema<IdMapping> = idMapping

const mount = object({
  /** Absolute path inside the container. */
  destination: text,
  /** File system, such as `tmpfs`; `none` or absent for bind mounts. */
  type: optional(text),
  /** A device, a directory (relative ones start at the bundle), or a placeholder. */
  source: optional(text),
  /** As for mount(8); bind mounts have `bind` or `rbind`. */
  options: optional(texts),
  /** For an id-mapped mount; since 1.1. */
  uidMappings: optional(list(idMappingSchema)),
  /** For an id-mapped mount; since 1.1. */
  gidMappings: optional(list(idMappingSchema)),
})
/** A further mount, applied in listed order. */
export interface Mount extends v.InferInput<typeof mount> {}
export const mountSchema: Schema<Mount> = mount
