import type { CommandRecord } from '../runtime/index.ts'

/** What the runtime is asked when a container is wanted. */
const containerVerbs: ReadonlySet<string> = new Set(['create', 'run', 'restore'])

/** The commands one test had the runtime run, in the order in which they ended. */
export class CommandLog {
  readonly #records: CommandRecord[] = []
  /** What a shared command did before is not this test's time. */
  readonly #openedAt = Date.now()
  #containers = 0

  /** Takes note of a command that has ended. */
  readonly add = (record: CommandRecord): void => {
    this.#records.push(record)
    if (containerVerbs.has(record.verb)) this.#containers += 1
  }

  /** Takes note of a command that another test had run and whose container this test looks at, too. */
  addShared(record: CommandRecord): void {
    this.#records.push(record)
  }

  get records(): readonly CommandRecord[] {
    return this.#records
  }

  /** How many containers were asked for. */
  get containers(): number {
    return this.#containers
  }

  /** The time in which at least one command ran, in milliseconds: commands side by side count once. */
  get runtimeMs(): number {
    const spans = this.#records
      .map(({ startedAt, durationMs }) => ({
        from: Math.max(startedAt, this.#openedAt),
        to: startedAt + durationMs,
      }))
      .sort((one, other) => one.from - other.from)
    let covered = 0
    let until = Number.NEGATIVE_INFINITY
    for (const { from, to } of spans) {
      covered += Math.max(0, to - Math.max(from, until))
      until = Math.max(until, to)
    }
    return covered
  }
}
