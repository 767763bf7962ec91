import { JsonUnrepresentableError } from '../spec/index.ts'

const maximumDepth = 1000

/**
 * Copies a value into plain data that is frozen at every depth and equal to what reading it back from its JSON gives:
 * members that are `undefined` are left out, whole numbers are numbers as far as they are exact and bigints beyond.
 * The value itself is neither kept nor frozen.
 *
 * @throws JsonUnrepresentableError for what JSON would lose: Maps, Dates and other objects with a class, functions,
 * NaN, cycles.
 */
export function frozenCopy(value: unknown): unknown {
  return copy(value, [])
}

/** The way to the value being copied; one list for all of them, which saves most of the time. */
type Way = (string | number)[]

function copy(value: unknown, way: Way): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return copyNumber(value, way)
    case 'bigint':
      return isSafe(value) ? Number(value) : value
    case 'object':
      return value === null ? null : copyObject(value, way)
    default:
      throw new JsonUnrepresentableError(`of type ${typeof value}`, way)
  }
}

function copyNumber(value: number, way: Way): number | bigint {
  if (Number.isSafeInteger(value)) return value
  if (!Number.isFinite(value)) throw new JsonUnrepresentableError(String(value), way)
  const text = String(value)
  return /^-?\d+$/.test(text) ? BigInt(text) : value
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
}

function copyObject(value: object, way: Way): object {
  if (way.length >= maximumDepth) {
    throw new JsonUnrepresentableError(
      `nested more than ${maximumDepth} deep, or in a cycle`,
      way.slice(0, 8),
    )
  }
  return Object.freeze(Array.isArray(value) ? copyItems(value, way) : copyMembers(value, way))
}

function copyItems(items: readonly unknown[], way: Way): unknown[] {
  const copied: unknown[] = []
  for (const [position, item] of items.entries()) {
    way.push(position)
    copied.push(item === undefined ? null : copy(item, way))
    way.pop()
  }
  return copied
}

function copyMembers(value: object, way: Way): object {
  refuseClass(value, way)
  const copied: { [name: string]: unknown } = {}
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    way.push(name)
    setMember(copied, name, copy(member, way))
    way.pop()
  }
  return copied
}

/** An assignment to `__proto__` would not make a member of that name. */
function setMember(object: { [name: string]: unknown }, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true })
  else object[name] = value
}

function refuseClass(value: object, way: Way): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Plain objects of another realm (a vm context) have another Object.prototype, but nothing above it either.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return
  throw new JsonUnrepresentableError(`a ${className(value)} and not a plain object`, way)
}

function className(value: object): string {
  return typeof value.constructor === 'function' ? value.constructor.name : 'class instance'
}
