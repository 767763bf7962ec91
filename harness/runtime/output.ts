import { fstatSync } from 'node:fs'
import { readBounded, readFileBounded, withMark } from './bounded-text.ts'
import { OutputNotCapturedError } from './errors.ts'

export interface ReadOptions {
  /** How much to read at most, in bytes; what is beyond is replaced by a mark that says how much it was. */
  readonly maxBytes?: number
}

/** How much of an output is read unless told otherwise, in bytes. */
export const defaultMaxBytes = 16 * 2 ** 20

/** How much of an output is kept when its file goes, in bytes. */
const keptBytes = 2 ** 20

/** What a process wrote to a file of the harness's; can be read while the process runs, and after it. */
export class CapturedOutput {
  readonly #path: string
  #kept: string | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** @throws OutputNotCapturedError when the file is gone, as after the container was deleted by somebody else */
  read({ maxBytes = defaultMaxBytes }: ReadOptions = {}): string {
    if (this.#kept !== undefined) return this.#kept
    const content = readFileBounded(this.#path, maxBytes)
    if (content === undefined) {
      throw new OutputNotCapturedError(
        `the captured output ${this.#path} has been removed with its container`,
      )
    }
    return withMark(content)
  }

  /** Reads the file for the last time, before it is removed. */
  keep(): void {
    const content = readFileBounded(this.#path, keptBytes)
    if (content !== undefined) this.#kept = withMark(content)
  }
}

/** What a process writes to a file in memory, which lasts as long as the call that made it. */
export class MemoryOutput {
  readonly #descriptor: number

  /** @param descriptor of the file; its maker closes it when nobody reads any more */
  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /** How much there is, in bytes. */
  get size(): number {
    return fstatSync(this.#descriptor).size
  }

  read({ maxBytes = defaultMaxBytes }: ReadOptions = {}): string {
    return withMark(readBounded(this.#descriptor, maxBytes))
  }

  keep(): void {
    // nobody has the file removed while there is a reader
  }
}

/** What a process writes to somewhere else. */
export class ForeignOutput {
  readonly #target: string

  constructor(target: string) {
    this.#target = target
  }

  read(): never {
    throw new OutputNotCapturedError(`this output was not captured, it went to: ${this.#target}`)
  }

  keep(): void {
    // there is nothing of ours to keep
  }
}

export type Output = CapturedOutput | MemoryOutput | ForeignOutput

/** What was captured, for a result; nothing where the output went elsewhere or is gone. */
export function captured(output: Output, options?: ReadOptions): string {
  if (output instanceof ForeignOutput) return ''
  try {
    return output.read(options)
  } catch (error) {
    if (error instanceof OutputNotCapturedError) return ''
    throw error
  }
}
