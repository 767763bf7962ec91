import { isUtf8 } from 'node:buffer'
import type { ParseOptions } from './document.ts'
import { JsonEncodingError, type Place } from './errors.ts'

function placeOf(text: string): Place {
  const lines = text.split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}

/** The text before the first byte that is not UTF-8. */
function soundPart(bytes: Buffer): string {
  const lossy = bytes.toString('utf8')
  let end = lossy.indexOf('\uFFFD')
  while (end >= 0) {
    const offset = Buffer.byteLength(lossy.slice(0, end))
    const genuine = bytes.subarray(offset, offset + 3).equals(Buffer.from('\uFFFD'))
    if (!genuine) return lossy.slice(0, end)
    end = lossy.indexOf('\uFFFD', end + 1)
  }
  return lossy
}

function looksLikeUtf16(bytes: Buffer): boolean {
  return (
    bytes[0] === 0 || bytes[1] === 0 || [0xfffe, 0xfeff].includes(bytes.length > 1 ? bytes.readUInt16BE() : 0)
  )
}

/**
 * Turns the bytes of a JSON file into text. JSON is UTF-8 (glossary.md, JSON; RFC 8259, section 8.1): anything else is
 * refused with a `JsonEncodingError` that says where the first bad byte is.
 */
export function decodeJson(bytes: Buffer, { file }: ParseOptions = {}): string {
  if (looksLikeUtf16(bytes)) {
    throw new JsonEncodingError('is UTF-16 or UTF-32, but JSON is UTF-8', {
      file,
      line: 1,
      column: 1,
      path: [],
    })
  }
  if (isUtf8(bytes)) return bytes.toString('utf8')
  throw new JsonEncodingError('is not UTF-8', { file, ...placeOf(soundPart(bytes)), path: [] })
}
