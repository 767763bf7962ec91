import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { createMemoryFile, createPipe, type DescriptorSource } from '../host/index.ts'
import { CapturedOutput, ForeignOutput, MemoryOutput, type Output } from './output.ts'

/** Where a process reads from. `pipe` gives a stream whose end is the process's end of file. */
export type InputSource =
  | 'ignore'
  | 'inherit'
  | 'pipe'
  | { readonly file: string }
  | { readonly descriptor: number }

/**
 * Where a process writes to. `capture` is a file of the harness's, to be read with `stdout()` and `stderr()`; `pipe`
 * gives a stream; a file is appended to.
 */
export type OutputTarget =
  | 'ignore'
  | 'inherit'
  | 'capture'
  | 'pipe'
  | { readonly file: string }
  | { readonly descriptor: number }

/** Standard input, output and error of a container or of a process in one. */
export interface StdioOptions {
  /** `ignore` unless told: an empty input. */
  readonly stdin?: InputSource
  /** `capture` unless told. */
  readonly stdout?: OutputTarget
  /** `capture` unless told. */
  readonly stderr?: OutputTarget
}

/** Our ends of a process's pipes, for those that were asked for. */
export interface ProcessStreams {
  readonly stdin: Writable | undefined
  readonly stdout: Readable | undefined
  readonly stderr: Readable | undefined
}

/** How output is captured. */
export interface Capture {
  /** @param given takes a descriptor that has to be closed once the program has its copy */
  open(name: 'stdout' | 'stderr', given: number[]): Captured
}

/** What the program writes to, and where we read it. */
interface Captured {
  readonly descriptor: number
  readonly output: Output
}

/** Captures output in files of a directory, for a process that outlives the command which starts it. */
export function captureInFiles(directory: string): Capture {
  return {
    open: (name, given) => {
      const path = join(directory, name)
      const descriptor = openToAppend(path)
      given.push(descriptor)
      return { descriptor, output: new CapturedOutput(path) }
    },
  }
}

/**
 * Captures output in memory, for a process that ends with the command which starts it: files on a disk take up to a
 * millisecond to make and to remove, which is a lot beside a runtime's `exec`.
 */
export class CaptureInMemory implements Capture, Disposable {
  readonly #descriptors: number[] = []
  readonly #outputs: MemoryOutput[] = []

  open(): Captured {
    const descriptor = createMemoryFile()
    const output = new MemoryOutput(descriptor)
    this.#descriptors.push(descriptor)
    this.#outputs.push(output)
    return { descriptor, output }
  }

  /** How much was captured, in bytes. */
  get size(): number {
    return this.#outputs.reduce((sum, { size }) => sum + size, 0)
  }

  /** Nothing can be read any more. */
  [Symbol.dispose](): void {
    for (const descriptor of this.#descriptors.splice(0)) closeSync(descriptor)
  }
}

/** A process's standard streams, opened: what the program gets, and what we keep. */
export class Stdio {
  readonly descriptors: readonly DescriptorSource[]
  readonly stdout: Output
  readonly stderr: Output
  readonly streams: ProcessStreams
  readonly #given: readonly number[]

  /**
   * Opens everything. Never a pipe that the call which starts the process would wait on: only the process itself
   * holds the other ends.
   *
   * @param capture how output is captured
   */
  constructor({ stdin = 'ignore', stdout = 'capture', stderr = 'capture' }: StdioOptions, capture: Capture) {
    const opened: number[] = []
    try {
      const input = openInput(stdin, opened)
      const output = openOutput(stdout, 'stdout', capture, opened)
      const error = openOutput(stderr, 'stderr', capture, opened)
      this.descriptors = [input.descriptor, output.descriptor, error.descriptor]
      this.stdout = output.output
      this.stderr = error.output
      this.streams = { stdin: input.stream, stdout: output.stream, stderr: error.stream }
      this.#given = opened
    } catch (error) {
      for (const descriptor of opened) closeSync(descriptor)
      throw error
    }
  }

  /** Closes our copies of what the program got; from then on only the processes hold it. */
  release(): void {
    for (const descriptor of this.#given) closeSync(descriptor)
  }

  /** Gives up the streams: there is no process at their other ends. */
  abandon(): void {
    this.streams.stdin?.destroy()
    this.streams.stdout?.destroy()
    this.streams.stderr?.destroy()
  }
}

interface OpenInput {
  readonly descriptor: DescriptorSource
  readonly stream: Writable | undefined
}

/** @param opened takes the descriptors that have to be closed once the program has its copies */
function openInput(source: InputSource, opened: number[]): OpenInput {
  if (source === 'ignore' || source === 'inherit') return { descriptor: source, stream: undefined }
  if (source === 'pipe') {
    const { readable, writable } = createPipe()
    opened.push(readable)
    return {
      descriptor: readable,
      stream: quiet(new Socket({ fd: writable, readable: false, writable: true })),
    }
  }
  if ('descriptor' in source) return { descriptor: source.descriptor, stream: undefined }
  const descriptor = openSync(source.file, 'r')
  opened.push(descriptor)
  return { descriptor, stream: undefined }
}

interface OpenOutput {
  readonly descriptor: DescriptorSource
  readonly output: Output
  readonly stream?: Readable
}

function openOutput(
  target: OutputTarget,
  name: 'stdout' | 'stderr',
  capture: Capture,
  opened: number[],
): OpenOutput {
  if (target === 'capture') return capture.open(name, opened)
  if (target === 'ignore' || target === 'inherit')
    return { descriptor: target, output: new ForeignOutput(target) }
  if (target === 'pipe') {
    const { readable, writable } = createPipe()
    opened.push(writable)
    const stream = quiet(new Socket({ fd: readable, readable: true, writable: false }))
    return { descriptor: writable, output: new ForeignOutput('a pipe'), stream }
  }
  if ('descriptor' in target) {
    const output = new ForeignOutput(`descriptor ${target.descriptor}`)
    return { descriptor: target.descriptor, output }
  }
  const descriptor = openToAppend(target.file)
  opened.push(descriptor)
  return { descriptor, output: new ForeignOutput(target.file) }
}

/** Appending, so that a process which opens its output once more does not write over what is there. */
function openToAppend(path: string): number {
  return openSync(path, 'a', 0o600)
}

/** A process that has ended breaks the pipe; that is no reason to end the test run, and a write's callback tells. */
function quiet(socket: Socket): Socket {
  return socket.on('error', () => undefined)
}
