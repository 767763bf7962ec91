import { stripVTControlCharacters } from 'node:util'

/**
 * Text from a runtime or container, made safe for a terminal: escape sequences are taken out, other control
 * characters shown as the replacement character. Line ends and tabs stay.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(unprintable, '\ufffd')
}

/** Control characters but for line ends and tabs, and marks that turn the direction of reading. */
const unprintable = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu

/** The same on one line, cut to a width with an ellipsis. */
export function printableLine(text: string, width: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim()
  return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line
}
