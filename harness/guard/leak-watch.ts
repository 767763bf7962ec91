import { atThisPace, DeadlineError, RunwrightError, until } from '../host/index.ts'
import type { AttributedLeak } from './leak.ts'
import { temporaryDirectoryOf } from './runtime-record.ts'
import type { Suspect } from './sightings.ts'
import { takeSnapshot } from './snapshot.ts'

/** A test has left things on the host. */
export class LeaksLeftError extends RunwrightError {
  override readonly code = 'LEAKS_LEFT'

  constructor(leaks: readonly AttributedLeak[]) {
    const lines = leaks.map(({ kind, what }) => `${kind} ${what}`)
    super(`these were left behind after everything had been removed:\n${lines.join('\n')}`)
  }
}

/** How long what the runtime said it had removed may take to go, in milliseconds. */
const settleMs = atThisPace(1_000)

/** One test, as far as what it leaves behind is watched. */
export class LeakWatch implements Suspect {
  readonly test: string
  readonly marks: ReadonlySet<string>
  readonly #prefix: string
  readonly #marks: Set<string>
  readonly #ended: () => void

  /** @param ended called once the test's own things have been looked at */
  constructor(test: string, prefix: string, ended: () => void) {
    this.test = test
    this.#prefix = prefix
    this.#marks = new Set([prefix])
    this.marks = this.#marks
    this.#ended = ended
  }

  /** Takes note of a directory that the test uses: a leak that mentions it is more likely this test's. */
  uses(path: string): void {
    this.#marks.add(path)
  }

  /**
   * Looks, once everything that the test made has been removed, what of it is there nevertheless.
   *
   * @param runtimes those of the session that the test used: what is in their roots counts as a container, what is in
   * their temporary directories as a file
   */
  async end(runtimes: readonly { readonly root: string }[] = []): Promise<readonly AttributedLeak[]> {
    const scope = {
      prefix: this.#prefix,
      mountsBelow: [],
      roots: runtimes.map(({ root }) => root),
      directories: runtimes.map(temporaryDirectoryOf),
      ownProcess: false,
    }
    const left = (): AttributedLeak[] =>
      [...takeSnapshot(scope)].flatMap(([kind, things]) =>
        [...things].map((what) => ({ kind, what, test: this.test })),
      )
    try {
      if (left().length === 0) return []
      await until(() => left().length === 0, { timeoutMs: settleMs, what: 'what a test made to go' })
      return []
    } catch (error) {
      if (error instanceof DeadlineError) return left()
      throw error
    } finally {
      this.#ended()
    }
  }
}
