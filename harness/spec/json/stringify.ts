import { JsonUnrepresentableError } from './errors.ts'
import type { JsonPath } from './path.ts'
import { maximumDepth } from './value.ts'

/** How a value is laid out. */
export interface StringifyOptions {
  /** What each level is indented with; everything on one line when empty or absent. */
  readonly indent?: string
}

/** Writes one value; how deep it stands and where, for indentation and messages. */
type Writer = (value: unknown, path: JsonPath) => string

function writeScalar(value: unknown, path: JsonPath): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'number') throw new JsonUnrepresentableError(`of type ${typeof value}`, path)
  if (!Number.isFinite(value)) throw new JsonUnrepresentableError(String(value), path)
  return Object.is(value, -0) ? '-0' : String(value)
}

function bracket(
  parts: readonly string[],
  open: string,
  close: string,
  indent: string,
  depth: number,
): string {
  if (parts.length === 0) return open + close
  if (indent === '') return `${open}${parts.join(',')}${close}`
  const inner = `\n${indent.repeat(depth + 1)}`
  return `${open}${inner}${parts.join(`,${inner}`)}\n${indent.repeat(depth)}${close}`
}

function writeArray(items: readonly unknown[], path: JsonPath, indent: string, write: Writer): string {
  const parts = Array.from(items, (item, position) =>
    write(item === undefined ? null : item, [...path, position]),
  )
  return bracket(parts, '[', ']', indent, path.length)
}

function writeObject(object: object, path: JsonPath, indent: string, write: Writer): string {
  const separator = indent === '' ? ':' : ': '
  const parts = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => JSON.stringify(name) + separator + write(value, [...path, name]))
  return bracket(parts, '{', '}', indent, path.length)
}

/**
 * Writes a value as JSON without losing anything: bigints in full, members in their order. Members that are
 * `undefined` are left out and there is no newline at the end, as with `JSON.stringify`; unlike it, anything that JSON
 * cannot hold (NaN, functions, cycles) is refused with a `JsonUnrepresentableError` rather than dropped or changed.
 */
export function stringifyJson(value: unknown, { indent = '' }: StringifyOptions = {}): string {
  const write: Writer = (part, path) => {
    if (path.length > maximumDepth) {
      throw new JsonUnrepresentableError(
        `nested more than ${maximumDepth} deep, or in a cycle`,
        path.slice(0, 8),
      )
    }
    if (Array.isArray(part)) return writeArray(part, path, indent, write)
    if (typeof part === 'object' && part !== null) return writeObject(part, path, indent, write)
    return writeScalar(part, path)
  }
  return write(value, [])
}
