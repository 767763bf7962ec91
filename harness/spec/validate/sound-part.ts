import * as v from 'valibot'
import type { JsonPath } from '../json/path.ts'
import { isObject, setMember } from '../json/value.ts'
import type { Schema } from '../schema/notation.ts'
import { checkShape } from './shape.ts'

/** What is left of a value without the parts of a wrong shape. */
export interface SoundPart<T> {
  readonly value: T
  /** The items of a list, each with the place it had before anything was left out. */
  entries<Item>(list: readonly Item[] | undefined): (readonly [place: number, item: Item])[]
}

/** The parts to leave out, as a tree: `true` for a part itself, a map for parts inside it. */
type Cuts = Map<string | number, Cuts | true>

function addCut(cuts: Cuts, [step, ...inside]: JsonPath): void {
  if (step === undefined) return
  const present = cuts.get(step)
  if (present === true) return
  const deeper: Cuts = present ?? new Map()
  cuts.set(step, inside.length === 0 ? true : deeper)
  addCut(deeper, inside)
}

/** Copies a value without some parts, and remembers where the items of its lists were. */
class Pruner {
  readonly #places = new WeakMap<object, readonly number[]>()

  prune(value: unknown, cuts: Cuts | true | undefined): unknown {
    if (cuts === undefined || cuts === true) return value
    if (Array.isArray(value)) return this.#pruneList(value, cuts)
    return isObject(value) ? this.pruneObject(value, cuts) : value
  }

  pruneObject(object: object, cuts: Cuts): object {
    const rest = {}
    for (const [name, member] of Object.entries(object)) {
      const cut = cuts.get(name)
      if (cut !== true) setMember(rest, name, this.prune(member, cut))
    }
    return rest
  }

  placeOf(list: readonly unknown[], position: number): number {
    return this.#places.get(list)?.[position] ?? position
  }

  #pruneList(list: readonly unknown[], cuts: Cuts): unknown[] {
    const kept = [...list.entries()].filter(([position]) => cuts.get(position) !== true)
    const rest = kept.map(([position, item]) => this.prune(item, cuts.get(position)))
    this.#places.set(
      rest,
      kept.map(([position]) => this.placeOf(list, position)),
    )
    return rest
  }
}

function isMissing(value: unknown, path: JsonPath): boolean {
  const found = path.reduce<unknown>(
    (inner, step) => (Object(inner) === inner ? Reflect.get(Object(inner), step) : undefined),
    value,
  )
  return found === undefined
}

/**
 * Leaves out every part of a configuration whose shape is wrong: a wrong member, or, where something required is
 * missing, the object it is missing from. `standIns` take the place of required members of the whole. `undefined` when
 * there is nothing to go on.
 */
export function soundPart<T>(
  schema: Schema<T>,
  whole: unknown,
  standIns: { readonly [name: string]: unknown },
): SoundPart<T> | undefined {
  const pruner = new Pruner()
  let value = whole
  while (!v.is(schema, value)) {
    if (!isObject(value)) return undefined
    const cuts: Cuts = new Map()
    const missing: string[] = []
    for (const { path } of checkShape(schema, value)) {
      if (!isMissing(value, path)) addCut(cuts, path)
      else if (path.length === 1) missing.push(String(path[0]))
      else addCut(cuts, path.slice(0, -1))
    }
    if (missing.some((name) => !(name in standIns))) return undefined
    const substitutes = Object.fromEntries(missing.map((name) => [name, standIns[name]]))
    value = { ...pruner.pruneObject(value, cuts), ...substitutes }
  }
  return {
    value,
    entries: (list = []) => list.map((item, position) => [pruner.placeOf(list, position), item] as const),
  }
}
