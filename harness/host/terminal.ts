import { readSync, writeSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { hasCode } from './error-codes.ts'
import { RunwrightError } from './errors.ts'
import { whenReady } from './readiness.ts'
import {
  closeDescriptor,
  duplicateDescriptor,
  makeNonBlocking,
  setTerminalSize,
  type TerminalSize,
  terminalSize,
} from './system-calls.ts'

/** The terminal has been closed, or its output has been read to the end, which closes it. */
export class TerminalClosedError extends RunwrightError {
  override readonly code = 'TERMINAL_CLOSED'
}

/**
 * Our side of a pseudo-terminal, made from its master's descriptor, which it owns from then on.
 *
 * Node's tty streams are not used: on a master they write in blocking mode, and 100 KB to a container that does not
 * read stop the whole event loop for good.
 */
export class Terminal {
  /** What the container's processes print. It ends when the last of them has closed the terminal. */
  readonly output: Readable
  /**
   * What they read. Ending it ends nothing for them: write '\x04' for end of file, '\x03' to interrupt. The kernel
   * takes and forgets what is written after the last of them has closed the terminal.
   */
  readonly input: Writable
  readonly #descriptor: number

  /** @param descriptor the master, as `ConsoleSocket.receive` gives it. */
  constructor(descriptor: number) {
    makeNonBlocking(descriptor)
    this.#descriptor = descriptor
    // The event loop watches a descriptor for one direction only, so each direction has one of its own.
    const input = new TerminalInput(duplicateDescriptor(descriptor))
    this.input = input
    this.output = new TerminalOutput(descriptor).once('close', () => input.destroy())
  }

  /** @throws TerminalClosedError */
  get size(): TerminalSize {
    return terminalSize(this.#open())
  }

  /**
   * Tells the container the terminal's size, in characters; its foreground processes get SIGWINCH.
   *
   * @throws TerminalClosedError
   */
  resize(columns: number, rows: number): void {
    setTerminalSize(this.#open(), { columns, rows })
  }

  #open(): number {
    if (this.output.destroyed) throw new TerminalClosedError('the terminal has been closed')
    return this.#descriptor
  }

  /** Closes both directions: the container's foreground processes get SIGHUP. Closing again does nothing. */
  close(): void {
    this.output.destroy()
    this.input.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

const chunkBytes = 64 * 1024

class TerminalOutput extends Readable {
  readonly #descriptor: number
  readonly #closing = new AbortController()

  constructor(descriptor: number) {
    super()
    this.#descriptor = descriptor
  }

  override _read(): void {
    this.#readSome().then(
      (chunk) => this.push(chunk),
      (error: unknown) => this.destroy(asError(error)),
    )
  }

  async #readSome(): Promise<Buffer | null> {
    for (;;) {
      this.#closing.signal.throwIfAborted()
      const chunk = readAvailable(this.#descriptor)
      if (chunk !== 'nothing yet') return chunk
      await whenReady(this.#descriptor, 'readable', { signal: this.#closing.signal })
    }
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    release(this.#descriptor, this.#closing)
    callback(error)
  }
}

class TerminalInput extends Writable {
  readonly #descriptor: number
  readonly #closing = new AbortController()

  constructor(descriptor: number) {
    super()
    this.#descriptor = descriptor
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.#writeAll(chunk).then(
      () => callback(),
      (error: unknown) => callback(asError(error)),
    )
  }

  async #writeAll(chunk: Buffer): Promise<void> {
    for (let written = 0; written < chunk.length; ) {
      this.#closing.signal.throwIfAborted()
      const count = writeSome(this.#descriptor, chunk.subarray(written))
      if (count === 0) await whenReady(this.#descriptor, 'writable', { signal: this.#closing.signal })
      written += count
    }
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    release(this.#descriptor, this.#closing)
    callback(error)
  }
}

/** Null is the end: EIO says that no process has the terminal open any more. */
function readAvailable(descriptor: number): Buffer | null | 'nothing yet' {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  try {
    const length = readSync(descriptor, buffer)
    return length === 0 ? null : buffer.subarray(0, length)
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return 'nothing yet'
    if (hasCode(error, 'EIO')) return null
    throw error
  }
}

function writeSome(descriptor: number, chunk: Buffer): number {
  try {
    return writeSync(descriptor, chunk)
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return 0
    throw error
  }
}

/** Ends the wait for a descriptor, which makes the event loop let go of it, and closes it. */
function release(descriptor: number, closing: AbortController): void {
  closing.abort(new TerminalClosedError('the terminal has been closed'))
  closeDescriptor(descriptor)
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
