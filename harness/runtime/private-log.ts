import { rmSync, statSync } from 'node:fs'
import { readFileBounded } from './bounded-text.ts'
import { type LogEntry, parseLog } from './log-entries.ts'

const maxBytes = 2 ** 20

/**
 * What one command adds to a log. With a file of the command's own, which is then removed, that is exact. In a file
 * that the caller chose, it is what was appended while the command ran, its neighbours' lines included.
 */
export class LogOfCommand {
  readonly #path: string
  readonly #isPrivate: boolean
  readonly #from: number

  constructor({ chosen, own }: { readonly chosen: string | undefined; readonly own: string }) {
    this.#path = chosen ?? own
    this.#isPrivate = chosen === undefined
    this.#from = chosen === undefined ? 0 : (statSync(chosen, { throwIfNoEntry: false })?.size ?? 0)
  }

  /** Reads the command's entries, once it has ended. */
  take(): LogEntry[] {
    const content = readFileBounded(this.#path, maxBytes, this.#from)
    if (content === undefined) return []
    if (this.#isPrivate) rmSync(this.#path)
    return parseLog(content.text)
  }
}
