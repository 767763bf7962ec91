/** How often something was done, and how long it took. */
export interface ActionCount {
  readonly name: string
  readonly done: number
  /** How often the runtime was killed while it did it. */
  readonly killed: number
  /** How often it came out wrong. */
  readonly surprising: number
  /** Of those that were done, in milliseconds; undefined when none was. */
  readonly medianMs: number | undefined
  readonly longestMs: number | undefined
}

/** How an action ended. */
export type ActionEnd = 'done' | 'killed' | 'surprising'

/** Counts what is done. */
export class Tally {
  readonly #ends = new Map<string, Record<ActionEnd, number>>()
  readonly #durations = new Map<string, number[]>()
  #total = 0

  get total(): number {
    return this.#total
  }

  add(name: string, end: ActionEnd, durationMs: number): void {
    this.#total += 1
    const ends = this.#ends.get(name) ?? { done: 0, killed: 0, surprising: 0 }
    ends[end] += 1
    this.#ends.set(name, ends)
    if (end !== 'done') return
    const durations = this.#durations.get(name) ?? []
    durations.push(durationMs)
    this.#durations.set(name, durations)
  }

  /** What was done, in the order of these names. */
  counts(names: readonly string[]): readonly ActionCount[] {
    return names.map((name) => {
      const { done, killed, surprising } = this.#ends.get(name) ?? { done: 0, killed: 0, surprising: 0 }
      const sorted = (this.#durations.get(name) ?? []).toSorted((one, other) => one - other)
      const medianMs = sorted[Math.floor(sorted.length / 2)]
      return { name, done, killed, surprising, medianMs, longestMs: sorted.at(-1) }
    })
  }
}
