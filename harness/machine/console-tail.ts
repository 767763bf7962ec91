const keptLines = 25
const longestLine = 300

/** The last lines that a console printed, however much it prints. */
export class ConsoleTail {
  #lines: string[] = ['']

  add(text: string): void {
    const [first = '', ...rest] = text.replaceAll('\r', '').split('\n')
    const last = `${this.#lines.at(-1) ?? ''}${first}`
    this.#lines = [...this.#lines.slice(0, -1), last, ...rest]
      .map((line) => line.slice(0, longestLine))
      .slice(-keptLines)
  }

  /** Oldest first, without empty ones. */
  get lines(): readonly string[] {
    return this.#lines.filter((line) => line.trim() !== '')
  }
}
