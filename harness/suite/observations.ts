import type { Bundle } from '../bundle/index.ts'
import type { Session, SessionRuntimeOptions } from '../guard/index.ts'
import { InsideObservation } from '../probe/index.ts'
import type { CommandRecord, ResolvedRuntime } from '../runtime/index.ts'

/** What a container reported of itself, and the command that ran it. */
export interface SharedObservation {
  readonly observation: InsideObservation
  readonly command: CommandRecord
}

/**
 * The containers that only report on themselves: one run answers every test that asks about its bundle. They belong
 * to no test, so that the end of one test does not take them away from the others.
 */
export class Observations {
  readonly #session: Session
  readonly #runtime: string | ResolvedRuntime
  readonly #options: SessionRuntimeOptions
  readonly #known = new Map<string, Promise<SharedObservation>>()

  /** @param options how long commands may take, and who hears of them */
  constructor(session: Session, runtime: string | ResolvedRuntime, options: SessionRuntimeOptions = {}) {
    this.#session = session
    this.#runtime = runtime
    this.#options = options
  }

  /** Whether a container of this bundle was run already, or is being run. */
  isKnown({ path }: Bundle): boolean {
    return this.#known.has(path)
  }

  /**
   * Runs the container of a bundle whose program is `insideScript`, once, and gives what it reported.
   *
   * @throws RuntimeError; NoReportError
   */
  of(bundle: Bundle): Promise<SharedObservation> {
    const known = this.#known.get(bundle.path)
    if (known !== undefined) return known
    const observation = this.#observe(bundle)
    this.#known.set(bundle.path, observation)
    return observation
  }

  async #observe(bundle: Bundle): Promise<SharedObservation> {
    const runtime = await this.#session.runtime(this.#runtime, this.#options)
    try {
      const { stdout, command } = await runtime.run(bundle)
      return { observation: new InsideObservation(stdout), command }
    } finally {
      await this.#session.closeRuntime(runtime, { mayBeUsed: false })
    }
  }
}
