/** What a runtime says about a container: runtime.md, state; config-linux.md, the container process state. */
import type * as v from 'valibot'
import { anyValue, mapOf, naturalNumber, object, optional, type Schema, text, texts } from './notation.ts'

const state = object({
  ociVersion: text,
  id: text,
  /** `creating`, `created`, `running`, `stopped`, or one of the runtime's own such as `paused`. */
  status: text,
  /** Required while created or running; runc and crun write 0 once stopped. */
  pid: optional(naturalNumber),
  /** Absolute path of the bundle. */
  bundle: text,
  annotations: optional(mapOf(text)),
  // Not in the specification, so anything is right: what runc and crun add.
  /** The root file system. */
  rootfs: optional(anyValue),
  /** When the container was created, usually in the form of RFC 3339. */
  created: optional(anyValue),
  /** The name of the user who created it. */
  owner: optional(anyValue),
})
/** State of a container: the answer of `state`, and a hook's standard input. */
export interface State extends v.InferInput<typeof state> {}
export const stateSchema: Schema<State> = state

const processState = object({
  ociVersion: text,
  /** Names of the descriptors sent along, in order; one is `seccompFd`. */
  fds: optional(texts),
  pid: naturalNumber,
  /** Handed on from listenerMetadata. */
  metadata: optional(text),
  state: stateSchema,
})
/** What a seccomp agent is told over listenerPath. */
export interface ContainerProcessState extends v.InferInput<typeof processState> {}
export const containerProcessStateSchema: Schema<ContainerProcessState> = processState
