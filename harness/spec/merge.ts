import { isObject, setMember } from './json/value.ts'
import type { DeepReadonly } from './schema/readonly.ts'
import type { Spec } from './schema/spec.ts'

/** A configuration of which any part may be missing, at every depth of objects; the items of lists are whole. */
export type PartialSpec = DeepPartial<Spec>

/** `T` with every member optional, through objects but not into lists. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Member in keyof T]?: DeepPartial<T[Member]> | undefined }
    : T

/** Values that a default has not really given: they are filled. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === false || value === '' || value === 0 || value === 0n
  )
}

function mergeObjects(defaults: object, user: object): object {
  const merged = {}
  for (const [name, value] of Object.entries(defaults)) setMember(merged, name, value)
  for (const [name, value] of Object.entries(user)) {
    const own = Object.hasOwn(merged, name) ? Reflect.get(merged, name) : undefined
    setMember(merged, name, mergeValues(own, value))
  }
  return merged
}

function mergeValues(defaults: unknown, user: unknown): unknown {
  if (Array.isArray(defaults) && Array.isArray(user)) return [...defaults, ...user]
  if (isObject(defaults) && isObject(user)) return mergeObjects(defaults, user)
  if (defaults === undefined) return user
  return isEmpty(defaults) && !isEmpty(user) ? user : defaults
}

/**
 * Joins two configurations: what `defaults` says stays, what it leaves empty (absent, `""`, 0, false) is filled from
 * `user`, and lists are joined, the defaults' items first. Objects are joined member by member. Neither input is
 * changed, and the result shares nothing with them.
 */
export function mergeSpec(defaults: DeepReadonly<Spec>, user: DeepReadonly<PartialSpec>): Spec
export function mergeSpec(defaults: object, user: object): object {
  return structuredClone(mergeObjects(defaults, user))
}
