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
  async receive(options: ReceiveOptions): Promise<ReceivedDescriptors> {
    return await this.#connect(options, async (connection, signal) =>
      this.#judge(await nextMessage(connection, signal)),
    )
  }

  /**
   * Waits for a connection and takes every message that comes over it until the peer closes it, whether descriptors
   * came along or not. One call at a time.
   *
   * @throws DeadlineError, also when the peer does not close it; DescriptorSocketError when the socket was closed.
   */
  async receiveToEnd(options: ReceiveOptions): Promise<readonly ReceivedDescriptors[]> {
    return await this.#connect(options, async (connection, signal) => {
      const messages: ReceivedMessage[] = []
      try {
        for (;;) {
          const message = await nextMessage(connection, signal)
          if (message.payload.length === 0) return messages
          messages.push(message)
        }
      } catch (error) {
        for (const descriptor of messages.flatMap(({ descriptors }) => descriptors))
          closeDescriptor(descriptor)
        throw error
      }
    })
  }

  /** Accepts a connection and closes it when what is done with it is done. */
  async #connect<Value>(
    { timeoutMs, signal }: ReceiveOptions,
    act: (connection: number, signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const deadline = new AbortController()
    const error = new DeadlineError(`waited ${timeoutMs} ms in vain for a descriptor at ${this.path}`)
    const timer = setTimeout(() => deadline.abort(error), timeoutMs)
    const given = [this.#closing.signal, deadline.signal, signal].filter((each) => each !== undefined)
    const signals = AbortSignal.any(given)
    try {
      const connection = await onceReady(this.#socket, signals, acceptConnection)
      try {
        return await act(connection, signals)
      } finally {
        closeDescriptor(connection)
      }
    } finally {
      clearTimeout(timer)
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

function nextMessage(connection: number, signal: AbortSignal): Promise<ReceivedMessage> {
  return onceReady(connection, signal, (descriptor) => receiveMessage(descriptor, room))
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
