import type { AttributedLeak, Leak } from './leak.ts'

/** A test that may have made a thing. */
export interface Suspect {
  readonly test: string
  /** What only this test's things mention: the start of its containers' ids, directories of its own, its bundles. */
  readonly marks: ReadonlySet<string>
}

/** Something that was seen, with all that is known about it. */
export interface SeenThing extends Leak {
  /** What tells whose it is, such as a process's command line and environment. */
  readonly details: string
}

interface Sighting {
  readonly thing: SeenThing
  /** The tests that were under way when it was first seen. */
  readonly suspects: readonly Suspect[]
}

/**
 * Keeps account of things that bear no test's name, such as descriptors: when each was first seen, and what was under
 * way then. What is there before any test, or appears while none is under way, is nobody's.
 */
export class Sightings {
  readonly #sightings = new Map<string, Sighting>()

  /**
   * Takes a look.
   *
   * @param things all that are there now; what has gone since is forgotten
   * @param suspects the tests that were under way since the last look
   */
  look(things: readonly SeenThing[], suspects: readonly Suspect[]): void {
    const keys = new Set(things.map(keyOf))
    for (const key of this.#sightings.keys()) if (!keys.has(key)) this.#sightings.delete(key)
    for (const thing of things) {
      const key = keyOf(thing)
      if (!this.#sightings.has(key)) this.#sightings.set(key, { thing, suspects })
    }
  }

  /** What the tests have left, once none is under way any more. */
  leaks(): AttributedLeak[] {
    return [...this.#sightings.values()]
      .filter(({ suspects }) => suspects.length > 0)
      .map(({ thing, suspects }) => attribute(thing, suspects))
  }
}

function keyOf({ kind, what }: Leak): string {
  return `${kind} ${what}`
}

/** Whether a text holds a mark as a whole: `runwright-x-1-2` is not mentioned by `runwright-x-1-22`. */
function mentions(text: string, mark: string): boolean {
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    if (!/^[A-Za-z0-9]/.test(text.slice(at + mark.length))) return true
  }
  return false
}

function attribute({ kind, what, details }: SeenThing, suspects: readonly Suspect[]): AttributedLeak {
  const marked = suspects.filter(({ marks }) => [...marks].some((mark) => mentions(details, mark)))
  const [only, ...others] = marked.length > 0 ? marked : suspects
  if (only === undefined || others.length === 0) return { kind, what, ...(only && { test: only.test }) }
  return { kind, what: `${what} (of one of: ${suspects.map(({ test }) => test).join(', ')})` }
}
