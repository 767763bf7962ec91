/** More than a panic of the kernel prints: the call trace of each processor. */
const keptLines = 250
const toldLines = 25
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

  /** What a person wants to see: a panic from its first words on, else the end. Oldest first, without empty lines. */
  get lines(): readonly string[] {
    const lines = this.#lines.filter((line) => line.trim() !== '')
    const panic = lines.findIndex((line) => line.includes('Kernel panic'))
    return panic === -1 ? lines.slice(-toldLines) : lines.slice(panic, panic + toldLines)
  }
}
