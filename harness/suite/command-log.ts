import type { CommandRecord } from '../runtime/index.ts'

/** The commands one test had the runtime run, in the order in which they ended. */
export class CommandLog {
  readonly #records: CommandRecord[] = []

  /** Takes note of a command that has ended. */
  readonly add = (record: CommandRecord): void => {
    this.#records.push(record)
  }

  get records(): readonly CommandRecord[] {
    return this.#records
  }

  /** How many containers were asked for. */
  get containers(): number {
    return this.#records.filter(({ verb }) => verb === 'create' || verb === 'run' || verb === 'restore')
      .length
  }

  /** The time in which at least one command ran, in milliseconds: commands side by side count once. */
  get runtimeMs(): number {
    const spans = this.#records
      .map(({ startedAt, durationMs }) => ({ from: startedAt, to: startedAt + durationMs }))
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
