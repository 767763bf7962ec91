import type { DeepReadonly } from './schema/readonly.ts'
import type { Spec } from './schema/spec.ts'

/** A copy of a configuration that may be changed and shares nothing with the original, frozen or not. */
export function copySpec(spec: DeepReadonly<Spec>): Spec
export function copySpec(spec: unknown): unknown {
  return structuredClone(spec)
}
