import type { JsonPath } from '../json/path.ts'

/** The position of each step among its siblings; -1 for what is not there. */
function positionsOf(whole: unknown, path: JsonPath): number[] {
  let value = whole
  return path.map((step) => {
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
    const position = names.indexOf(String(step))
    value = position < 0 ? undefined : Reflect.get(Object(value), step)
    return position
  })
}

function compare(left: readonly number[], right: readonly number[]): number {
  const difference = left.findIndex((position, depth) => position !== right[depth])
  if (difference < 0) return left.length - right.length
  return (left[difference] ?? 0) - (right[difference] ?? -1)
}

/**
 * Sorts by where things stand in a document, as one reads it: a whole before its parts, what is missing before what
 * is there.
 */
export function inReadingOrder<T extends { readonly path: JsonPath }>(
  items: readonly T[],
  whole: unknown,
): T[] {
  return items
    .map((item) => ({ item, positions: positionsOf(whole, item.path) }))
    .sort((left, right) => compare(left.positions, right.positions))
    .map(({ item }) => item)
}
