import * as v from 'valibot'

export const leakKindSchema = v.picklist([
  'container',
  'process',
  'cgroup',
  'mount',
  'network-namespace',
  'file',
  'descriptor',
])

/** What can be left behind on a host. `file` stands for files and directories. */
export type LeakKind = v.InferOutput<typeof leakKindSchema>

/** Something left behind, or removed because it was. */
export interface Leak {
  readonly kind: LeakKind
  /** Its name, path or pid, as a user would look for it. */
  readonly what: string
}

/** A leak, and the test that it is put down to. */
export interface AttributedLeak extends Leak {
  /** Undefined where several tests ran beside each other and nothing tells which of them it was. */
  readonly test?: string
}

/** Something that is still there, because it could not be removed. */
export interface Remnant extends Leak {
  readonly reason: string
}
