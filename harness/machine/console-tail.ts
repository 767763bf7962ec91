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

  /**
   * What a person wants to see: a panic from its first words on, or from those of the fault that it is the end of; else
   * the end. Oldest first, without empty lines.
   */
  get lines(): readonly string[] {
    const lines = this.#lines.filter((line) => line.trim() !== '')
    const panic = lines.findIndex((line) => line.includes('Kernel panic'))
    if (panic === -1) return lines.slice(-toldLines)
    const fault = lines.slice(0, panic).findIndex((line) => faults.test(line))
    if (fault === -1) return lines.slice(panic, panic + toldLines)
    return [...lines.slice(fault, Math.min(panic, fault + toldLines - 1)), ...lines.slice(panic, panic + 1)]
  }
}

/** What the kernel begins to tell a fault of its own with, long before it panics because of it. */
const faults = /BUG: |Oops: |general protection fault|double fault|divide error|invalid opcode/
