import { stripVTControlCharacters } from 'node:util'

/**
 * Text from a runtime or container, made safe for a terminal: escape sequences are taken out, other control
 * characters shown as the replacement character. Line ends and tabs stay.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

/** The same on one line, cut to a width with an ellipsis. */
export function printableLine(text: string, width: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim()
  return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line
}
