import type { CommandRecord } from '../runtime/index.ts'

/** So often a verb hangs, never having ended by itself, before it is given up. */
const mostHangs = 3
/** How long a command may then take, in milliseconds: long enough to notice that it has come to its senses. */
const shortLimitMs = 1_000

interface Experience {
  readonly hangs: number
  readonly hasEnded: boolean
}

/**
 * What the tests of a run learn about how long to wait for a runtime: a verb that has done nothing but hang is given
 * little time from then on, so that a run on a runtime that hangs comes to its end. Whatever is cut short is a
 * timeout, and makes its test `broken`.
 */
export class Patience {
  readonly #experience = new Map<string, Experience>()

  /** Takes note of how a command ended. */
  readonly learn = ({ verb, timedOut, exitCode, signal }: CommandRecord): void => {
    const { hangs, hasEnded } = this.#experience.get(verb) ?? { hangs: 0, hasEnded: false }
    // What was aborted has neither hung nor ended.
    const ended = !timedOut && (exitCode !== undefined || signal !== undefined)
    this.#experience.set(verb, { hangs: hangs + (timedOut ? 1 : 0), hasEnded: hasEnded || ended })
  }

  /** For `RuntimeOptions.limitOf`. */
  readonly limitOf = (verb: string): number | undefined => {
    const { hangs, hasEnded } = this.#experience.get(verb) ?? { hangs: 0, hasEnded: false }
    return hangs >= mostHangs && !hasEnded ? shortLimitMs : undefined
  }
}
