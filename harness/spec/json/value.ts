/** What a JSON text may hold. Whole numbers a `number` cannot hold exactly are bigints. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject

/** Members in the order of the text. */
export interface JsonObject {
  [name: string]: JsonValue
}

/** How deep arrays and objects may be nested, in reading and in writing. */
export const maximumDepth = 1000

/** Sets a member even when its name is `__proto__`, which an assignment would take for something else. */
export function setMember(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Whether a value is an object with members: not an array, not null. */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
