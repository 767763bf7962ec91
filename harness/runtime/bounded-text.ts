import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { hasCode } from './error-code.ts'

/** Text of which there may be more than was read. */
export interface BoundedText {
  readonly text: string
  /** How many bytes were left unread. */
  readonly omittedBytes: number
}

/**
 * Reads the beginning of an open file, whatever its size: no more than `maxBytes` are ever in memory. Bytes that are
 * not UTF-8 come out as U+FFFD.
 *
 * @param from where to begin, in bytes
 */
export function readBounded(descriptor: number, maxBytes: number, from = 0): BoundedText {
  const available = Math.max(0, fstatSync(descriptor).size - from)
  const buffer = Buffer.allocUnsafe(Math.min(available, maxBytes))
  const length = readFully(descriptor, buffer, from)
  return { text: buffer.toString('utf8', 0, length), omittedBytes: available - length }
}

function readFully(descriptor: number, buffer: Buffer, from: number): number {
  let length = 0
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, from + length)
    if (count === 0) break // it has shrunk meanwhile
    length += count
  }
  return length
}

/** As `readBounded`, for a file that may not be there: then there is no text. */
export function readFileBounded(path: string, maxBytes: number, from = 0): BoundedText | undefined {
  const descriptor = openIfThere(path)
  if (descriptor === undefined) return undefined
  try {
    return readBounded(descriptor, maxBytes, from)
  } finally {
    closeSync(descriptor)
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The text, and at its end a mark that says how much is missing. */
export function withMark({ text, omittedBytes }: BoundedText): string {
  return omittedBytes === 0 ? text : `${text}\n[cut here: ${omittedBytes} more bytes]`
}

/**
 * The beginning of a text, with a mark that says how much is missing. It is a text of its own: a slice of V8's keeps all
 * of the text it was cut from in memory.
 *
 * @param most characters that are kept
 */
export function beginningOf(text: string, most: number): string {
  const omitted = text.length - most
  if (omitted <= 0) return text
  return `${Buffer.from(text.slice(0, most)).toString()}\n[cut here: ${omitted} more characters]`
}
