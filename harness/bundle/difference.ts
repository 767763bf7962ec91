import sameMembers from 'fast-deep-equal/es6/index.js'
import type { JsonPath } from '../spec/index.ts'

/** One property in which two definitions differ. A side that has no such property has no such member. */
export interface Difference {
  /** From the top of the definition, as in `['spec', 'process', 'args', 1]`. */
  readonly path: JsonPath
  readonly registered?: unknown
  readonly asked?: unknown
}

/**
 * Compares two definitions (plain data at every depth) and lists what differs; nothing when they are deeply equal.
 *
 * Where lists differ in length, what they have in common at both ends is left out, so that an inserted mount is one
 * difference and not one for every mount after it. An item that only one list has stands under its position there.
 */
export function differencesBetween(registered: unknown, asked: unknown): readonly Difference[] {
  return deeplyEqual(registered, asked) ? [] : [...compare([], registered, asked)]
}

/**
 * Whether two values are the same plain data. A configuration may have members called `valueOf`, `toString` or
 * `constructor` (annotations are free), which fast-deep-equal takes for methods: it then fails or finds a difference
 * that is none, but never calls different values equal.
 */
function deeplyEqual(one: unknown, other: unknown): boolean {
  try {
    return sameMembers(one, other)
  } catch {
    return false
  }
}

function* compare(path: JsonPath, registered: unknown, asked: unknown): Generator<Difference> {
  if (deeplyEqual(registered, asked)) return
  if (Array.isArray(registered) && Array.isArray(asked)) {
    yield* compareLists(path, registered, asked)
  } else if (hasMembers(registered) && hasMembers(asked)) {
    yield* compareMembers(path, registered, asked)
  } else {
    yield { path, registered, asked }
  }
}

interface Members {
  readonly [name: string]: unknown
}

function hasMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function* compareMembers(path: JsonPath, registered: Members, asked: Members): Generator<Difference> {
  for (const name of new Set([...Object.keys(registered), ...Object.keys(asked)])) {
    const here = [...path, name]
    if (!Object.hasOwn(asked, name)) yield { path: here, registered: registered[name] }
    else if (!Object.hasOwn(registered, name)) yield { path: here, asked: asked[name] }
    else yield* compare(here, registered[name], asked[name])
  }
}

function* compareLists(
  path: JsonPath,
  registered: readonly unknown[],
  asked: readonly unknown[],
): Generator<Difference> {
  const shorter = Math.min(registered.length, asked.length)
  const start = commonLength(shorter, (position) => deeplyEqual(registered[position], asked[position]))
  const end = commonLength(shorter - start, (position) =>
    deeplyEqual(registered.at(-1 - position), asked.at(-1 - position)),
  )
  for (let position = start; position < shorter - end; position += 1) {
    yield* compare([...path, position], registered[position], asked[position])
  }
  for (let position = shorter - end; position < registered.length - end; position += 1) {
    yield { path: [...path, position], registered: registered[position] }
  }
  for (let position = shorter - end; position < asked.length - end; position += 1) {
    yield { path: [...path, position], asked: asked[position] }
  }
}

/** How many positions from 0 on, at most `limit`, are alike. */
function commonLength(limit: number, alike: (position: number) => boolean): number {
  let length = 0
  while (length < limit && alike(length)) length += 1
  return length
}
