/** A moment by which something must be over, however many steps it has. */
export class Deadline {
  readonly #end: number

  /** @param milliseconds from now */
  constructor(milliseconds: number) {
    this.#end = performance.now() + milliseconds
  }

  /** Milliseconds left; 0 once it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.#end - performance.now())
  }

  get hasPassed(): boolean {
    return this.remainingMs === 0
  }

  /** A part of what is left, in whole milliseconds, and at most `most`. */
  share(fraction: number, most = Number.POSITIVE_INFINITY): number {
    return Math.ceil(Math.min(most, this.remainingMs * fraction))
  }
}
