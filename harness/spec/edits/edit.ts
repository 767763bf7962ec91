import { copySpec } from '../copy.ts'
import type { DeepReadonly } from '../schema/readonly.ts'
import type { Spec } from '../schema/spec.ts'

/** Gives a changed copy of a configuration and leaves the original alone. Any edit is a filter. */
export type Edit = (spec: DeepReadonly<Spec>) => Spec

/** Applies edits from left to right. The result shares nothing with `spec`, even without edits. */
export function edit(spec: DeepReadonly<Spec>, ...edits: readonly Edit[]): Spec {
  return edits.reduce((edited, next) => next(edited), copySpec(spec))
}

/** Several edits as one, applied from left to right. */
export function combine(...edits: readonly Edit[]): Edit {
  return (spec) => edit(spec, ...edits)
}

/** Turns a function that changes a configuration in place into an edit; it is given a copy. */
export function changing(change: (draft: Spec) => void): Edit {
  return (spec) => {
    const draft = copySpec(spec)
    change(draft)
    return draft
  }
}
