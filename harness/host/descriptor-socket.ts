import { rmSync } from 'node:fs'
import { RunwrightError } from './errors.ts'
import { whenReady } from './readiness.ts'
import { failedWith } from './system-call-error.ts'
import {
  acceptConnection,
  closeDescriptor,
  listenAt,
  longestSocketPath,
  openSocket,
  type ReceivedMessage,
  receiveMessage,
} from './system-calls.ts'
import { DeadlineError } from './until.ts'

/** Nothing usable can come, or came, over a descriptor socket. */
export class DescriptorSocketError extends RunwrightError {
  override readonly code = 'DESCRIPTOR_SOCKET'
}

export interface ReceiveOptions {
  /** How long to wait for connection and message together, in milliseconds. */
  readonly timeoutMs: number
  /** Ends the wait early; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What a peer sent: descriptors, close-on-exec and now the receiver's to close, and the bytes they came with. */
export interface ReceivedDescriptors {
  readonly descriptors: readonly number[]
  readonly payload: Uint8Array
}

const room = { bytes: 64 * 1024, descriptors: 16 } as const

/**
 * A UNIX socket that listens for descriptors passed by SCM_RIGHTS (unix(7)): what runtimes do with a console, a
 * process descriptor or a seccomp listener.
 */
export class DescriptorSocket {
  /** Where it listens; a runtime is told this. */
  readonly path: string
  readonly #socket: number
  readonly #closing = new AbortController()

  private constructor(path: string, socket: number) {
    this.path = path
    this.#socket = socket
  }

  /**
   * Listens at a path that does not exist yet.
   *
   * @throws DescriptorSocketError when the path is too long for a socket; SystemCallError when it cannot be made.
   */
  static listen(path: string): DescriptorSocket {
    const length = Buffer.byteLength(path)
    if (length > longestSocketPath) {
      throw new DescriptorSocketError(
        `${path} is ${length} bytes long and a socket's path can have ${longestSocketPath}: use a shorter directory`,
      )
    }
    const socket = openSocket()
    try {
      listenAt(socket, path)
    } catch (error) {
      closeDescriptor(socket)
      throw error
    }
    return new DescriptorSocket(path, socket)
  }

  /**
   * Waits for a connection and takes the first message that comes over it. One call at a time.
   *
   * @throws DeadlineError; DescriptorSocketError when the peer went away or sent no descriptor, or the socket was closed.
   */
  async receive({ timeoutMs, signal }: ReceiveOptions): Promise<ReceivedDescriptors> {
    const deadline = new AbortController()
    const error = new DeadlineError(`waited ${timeoutMs} ms in vain for a descriptor at ${this.path}`)
    const timer = setTimeout(() => deadline.abort(error), timeoutMs)
    const signals = [this.#closing.signal, deadline.signal, signal].filter((given) => given !== undefined)
    try {
      return await this.#receive(AbortSignal.any(signals))
    } finally {
      clearTimeout(timer)
    }
  }

  async #receive(signal: AbortSignal): Promise<ReceivedDescriptors> {
    const connection = await onceReady(this.#socket, signal, acceptConnection)
    try {
      const message = await onceReady(connection, signal, (descriptor) => receiveMessage(descriptor, room))
      return this.#judge(message)
    } finally {
      closeDescriptor(connection)
    }
  }

  #judge({ descriptors, payload, truncated }: ReceivedMessage): ReceivedDescriptors {
    if (truncated) {
      for (const descriptor of descriptors) closeDescriptor(descriptor)
      throw new DescriptorSocketError(`more than ${room.descriptors} descriptors were sent to ${this.path}`)
    }
    if (descriptors.length === 0) {
      const what = payload.length === 0 ? 'closed the connection' : `sent ${payload.length} bytes`
      throw new DescriptorSocketError(`the peer at ${this.path} ${what} without sending a descriptor`)
    }
    return { descriptors, payload }
  }

  /** Stops listening and removes the socket; a `receive` that waits is rejected. Closing again does nothing. */
  close(): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new DescriptorSocketError(`the socket ${this.path} was closed`))
    closeDescriptor(this.#socket)
    rmSync(this.path, { force: true })
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Does a non-blocking call, as often as needed, whenever the descriptor can be read. */
async function onceReady<Value>(
  descriptor: number,
  signal: AbortSignal,
  call: (descriptor: number) => Value,
): Promise<Value> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return call(descriptor)
    } catch (error) {
      if (!failedWith(error, 'EAGAIN', 'EINTR')) throw error
    }
    await whenReady(descriptor, 'readable', { signal })
  }
}
