/** Programs run at points of the lifecycle: config.md, POSIX-platform hooks. */
import type * as v from 'valibot'
import { list, object, optional, positiveInteger, type Schema, text, texts } from './notation.ts'

const hook = object({
  /** Absolute path of the program. */
  path: text,
  /** The whole argv, the program's name included. */
  args: optional(texts),
  /** The environment, `NAME=value` each. */
  env: optional(texts),
  /** Seconds until the hook is given up, more than 0. */
  timeout: optional(positiveInteger),
})
/** One program to run. It gets the container's state on its standard input. */
export interface Hook extends v.InferInput<typeof hook> {}
export const hookSchema: Schema<Hook> = hook

const hooks = object({
  /** Deprecated by createRuntime, createContainer and startContainer. */
  prestart: optional(list(hookSchema)),
  /** During create, in the runtime's namespaces, before pivot_root. */
  createRuntime: optional(list(hookSchema)),
  /** During create, in the container's namespaces, before pivot_root. */
  createContainer: optional(list(hookSchema)),
  /** During start, in the container's namespaces, before the program. */
  startContainer: optional(list(hookSchema)),
  /** During start, in the runtime's namespaces, after the program started. */
  poststart: optional(list(hookSchema)),
  /** During delete, in the runtime's namespaces, after the container is gone. */
  poststop: optional(list(hookSchema)),
})
/** The hooks of a container, each list run in order. */
export interface Hooks extends v.InferInput<typeof hooks> {}
export const hooksSchema: Schema<Hooks> = hooks

/** The six kinds of hook, in the order of the lifecycle. */
export const hookKinds = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const

export type HookKind = (typeof hookKinds)[number]
