import type { JsonObject, JsonValue } from '../harness/spec/index.ts'

/** Whether a value is an object, and not a list or null. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
