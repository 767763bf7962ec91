import { formatPath, stringifyJson } from '../spec/index.ts'
import type { Difference } from './difference.ts'

const mostLines = 20
const longestValue = 80
const longestPath = 160

/** A line for each difference, with both values; bounded however large they are. */
export function describeDifferences(differences: readonly Difference[]): string {
  const lines = differences.slice(0, mostLines).map((difference) => `  ${describe(difference)}`)
  const left = differences.length - lines.length
  return [...lines, ...(left > 0 ? [`  … and ${left} more`] : [])].join('\n')
}

function describe(difference: Difference): string {
  const registered =
    'registered' in difference ? `registered ${shortened(difference.registered)}` : 'not registered'
  const asked = 'asked' in difference ? `asked for ${shortened(difference.asked)}` : 'not asked for'
  return `${cut(printable(formatPath(difference.path)), longestPath)}: ${registered}, ${asked}`
}

/** A value as JSON on one line, printable and cut to a readable length. */
export function shortened(value: unknown): string {
  return cut(printable(asJson(value)), longestValue)
}

function asJson(value: unknown): string {
  try {
    return stringifyJson(value)
  } catch {
    return String(value) // a value that has no JSON can only come from an untyped caller
  }
}

/** JSON escapes the controls below U+0020 only; those above, and marks that reorder a line, confuse a terminal too. */
function printable(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
