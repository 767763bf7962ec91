/** Random choices that a seed repeats. */
export class Chance {
  #state: number

  /** @param seed a whole number; only its lower 32 bits count */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to, but not including, 1. The generator is mulberry32: 32 bits of state are plenty here. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** Whether something comes to pass that does so with this probability. */
  happens(probability: number): boolean {
    return this.next() < probability
  }

  /** One of several things, each as likely as its weight says; undefined when there is none. */
  choose<T>(things: readonly T[], weightOf: (thing: T) => number): T | undefined {
    let left = this.next() * things.reduce((sum, thing) => sum + weightOf(thing), 0)
    for (const thing of things) {
      left -= weightOf(thing)
      if (left < 0) return thing
    }
    return undefined
  }
}
