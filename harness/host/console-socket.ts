import { isatty } from 'node:tty'
import { DescriptorSocket, DescriptorSocketError, type ReceiveOptions } from './descriptor-socket.ts'
import { closeDescriptor } from './system-calls.ts'

/**
 * The socket a runtime sends a container's terminal to (`--console-socket`): the master of a pseudo-terminal, as one
 * descriptor.
 */
export class ConsoleSocket {
  readonly #socket: DescriptorSocket

  private constructor(socket: DescriptorSocket) {
    this.#socket = socket
  }

  /** Listens at a path that does not exist yet; throws as `DescriptorSocket.listen`. */
  static listen(path: string): ConsoleSocket {
    return new ConsoleSocket(DescriptorSocket.listen(path))
  }

  /** Where it listens; the value of `--console-socket`. */
  get path(): string {
    return this.#socket.path
  }

  /**
   * Waits for a terminal's master; the descriptor is the caller's to close, best as a `Terminal`.
   *
   * @throws DeadlineError; DescriptorSocketError when something else was sent, or nothing.
   */
  async receive(options: ReceiveOptions): Promise<number> {
    const { descriptors } = await this.#socket.receive(options)
    const [terminal] = descriptors
    if (terminal !== undefined && descriptors.length === 1 && isatty(terminal)) return terminal
    for (const descriptor of descriptors) closeDescriptor(descriptor)
    const what =
      descriptors.length === 1 ? 'something that is not a terminal' : `${descriptors.length} descriptors`
    throw new DescriptorSocketError(`${what} was sent to the console socket ${this.path}`)
  }

  /** Stops listening and removes the socket; a `receive` that waits is rejected. */
  close(): void {
    this.#socket.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
