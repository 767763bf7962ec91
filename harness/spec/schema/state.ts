/** What a runtime says about a container: runtime.md, state; config-linux.md, the container process state. */
import type * as v from 'valibot'
import { integer, mapOf, object, optional, type Schema, text, texts } from './notation.ts'

const state = object({
  ociVersion: text,
  id: text,
  /** `creating`, `created`, `running`, `stopped`, or one of the runtime's own such as `paused`. */
  status: text,
  /** Required while created or running; runc and crun write 0 once stopped. */
  pid: optional(integer),
  /** Absolute path of the bundle. */
  bundle: text,
  annotations: optional(mapOf(text)),
  /** Not in the specification: the root file system, as runc and crun add it. */
  rootfs: optional(text),
  /** Not in the specification: when the container was created (RFC 3339), as runc and crun add it. */
  created: optional(text),
  /** Not in the specification: the user who created it, as runc and crun add it. */
  owner: optional(text),
})
/** State of a container: the answer of `state`, and a hook's standard input. */
export interface State extends v.InferInput<typeof state> {}
export const stateSchema: Schema<State> = state

const processState = object({
  ociVersion: text,
  /** Names of the descriptors sent along, in order; one is `seccompFd`. */
  fds: optional(texts),
  pid: integer,
  /** Handed on from listenerMetadata. */
  metadata: optional(text),
  state: stateSchema,
})
/** What a seccomp agent is told over listenerPath. */
export interface ContainerProcessState extends v.InferInput<typeof processState> {}
export const containerProcessStateSchema: Schema<ContainerProcessState> = processState
