import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { createMemoryFile, createPipe } from '../host/index.ts'
import { parseJson } from '../spec/index.ts'
import { readBounded, withMark } from './bounded-text.ts'
import type { CallOptions, StartedCommand } from './commands.ts'
import type { Driver } from './driver.ts'
import type { FinishedCommand } from './finished-command.ts'
import { linesOf, TooLongLineError } from './lines.ts'
import { eventOf, type RuntimeEvent } from './stats.ts'
import { eventsWords } from './verb-arguments.ts'

/** How events are followed. */
export interface EventsOptions extends CallOptions {
  /** Time between two measurements, in milliseconds; the runtime's own (5 s) when absent. */
  readonly intervalMs?: number | undefined
}

/** What a runtime says on its standard error while its events are followed. */
const errorBytes = 2 ** 20

/**
 * Follows the events of a container until the runtime ends the stream, or whoever iterates leaves the loop, which
 * stops the command. What the runtime prints and is no event ends the iteration with an error, as does a failure of
 * the command.
 *
 * @throws RuntimeError; RuntimeOptionError for an interval that is not a positive whole number of milliseconds
 */
export async function* followEvents(
  driver: Driver,
  id: string,
  options: EventsOptions,
): AsyncGenerator<RuntimeEvent, void> {
  const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options
  const words = eventsWords(id, options)
  const { readable, writable } = createPipe()
  const errors = createMemoryFile()
  const stream = new Socket({ fd: readable, readable: true, writable: false })
  const { program, finished } = driver.commands.start({
    words,
    timeoutMs,
    signal,
    stdio: {
      descriptors: ['ignore', writable, errors],
      printed: () => ({ stdout: '', stderr: withMark(readBounded(errors, errorBytes)), isCut: false }),
    },
  })
  await program.started
  closeSync(writable)
  void endWith(stream, finished)
  try {
    yield* eventsIn(stream, { program, finished })
    ;(await finished).expectSuccess()
  } finally {
    program.stop()
    stream.destroy()
    await finished
    closeSync(errors)
  }
}

async function* eventsIn(
  stream: Socket,
  { program, finished }: StartedCommand,
): AsyncGenerator<RuntimeEvent, void> {
  const refuse = async (expectation: string, cause?: unknown) => {
    program.stop()
    return (await finished).failure({ kind: 'output', expectation }, { cause })
  }
  try {
    for await (const line of linesOf(stream)) {
      const event = eventOf(parsed(line))
      if (event === undefined) throw await refuse(`printed something that is no event: ${line.slice(0, 200)}`)
      yield event
    }
  } catch (error) {
    if (error instanceof TooLongLineError) throw await refuse(`printed ${error.message}`, error)
    throw error
  }
}

function parsed(line: string): unknown {
  try {
    return parseJson(line)
  } catch {
    return undefined
  }
}

const lookMs = 250

/**
 * Ends the stream some time after the command has ended even if another process still holds its other end. What the
 * command itself has written is read first, however slowly.
 */
async function endWith(stream: Socket, finished: Promise<FinishedCommand>): Promise<void> {
  await finished
  let read = -1
  const timer = setInterval(() => {
    const isQuiet = stream.bytesRead === read && stream.readableLength === 0
    read = stream.bytesRead
    if (stream.destroyed || isQuiet) clearInterval(timer)
    if (isQuiet && !stream.destroyed) stream.push(null)
  }, lookMs)
  timer.unref()
}
