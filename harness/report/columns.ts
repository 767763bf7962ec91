import { printable, printableLine } from './printable.ts'

/** One cell of a row: text, and what colours it once its width is settled. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

const gap = '  '
const narrowest = 24

/**
 * Lays rows out in columns, two spaces apart. The last column takes what is left of the width: it is wrapped at
 * spaces, its further lines standing under its first. Where hardly anything would be left it goes on a line of its own.
 *
 * @param width of the terminal in characters; Infinity where the text goes to a file or a program
 */
export function columns(rows: readonly (readonly Cell[])[], width: number): string {
  const clean = rows.map((row) => row.map((cell, position) => cleanCell(cell, position === row.length - 1)))
  const widths: number[] = []
  for (const row of clean) {
    for (const [position, { text }] of row.slice(0, -1).entries()) {
      widths[position] = Math.max(widths[position] ?? 0, text.length)
    }
  }
  const taken = widths.reduce((sum, column) => sum + column + (column === 0 ? 0 : gap.length), 0)
  const isNarrow = width - taken < narrowest
  const indent = ' '.repeat(isNarrow ? 4 : taken)
  return clean.map((row) => layRow(row, widths, { indent, isNarrow, width })).join('\n')
}

function cleanCell(cell: Cell, mayBreak: boolean): Cell {
  return {
    ...cell,
    text: mayBreak ? printable(cell.text) : printableLine(cell.text, Number.POSITIVE_INFINITY),
  }
}

interface Room {
  readonly indent: string
  readonly isNarrow: boolean
  readonly width: number
}

function layRow(row: readonly Cell[], widths: readonly number[], { indent, isNarrow, width }: Room): string {
  const { text = '', paint = plain } = row.at(-1) ?? {}
  const head = row
    .slice(0, -1)
    .map((cell, position) => paddedCell(cell, widths[position] ?? 0))
    .join('')
  if (text === '') return head.trimEnd()
  const lines = wrap(text, width - indent.length).map((line) => (line === '' ? '' : paint(line)))
  const tail = lines.join(`\n${indent}`)
  return isNarrow && row.length > 1 ? `${head.trimEnd()}\n${indent}${tail}` : head + tail
}

/** A cell and the gap behind it; a column in which nothing stands takes no room. */
function paddedCell({ text, paint = plain }: Cell, width: number): string {
  return width === 0 ? '' : paint(text) + ' '.repeat(width - text.length) + gap
}

/** Breaks a text at spaces so that no line is longer than the width, where words allow it; its own breaks stay. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const word of line.split(' ')) {
      if (current !== '' && current.length + 1 + word.length > width) {
        lines.push(current)
        current = word
      } else {
        current = current === '' ? word : `${current} ${word}`
      }
    }
    return [...lines, current]
  })
}

/** Sets every line of a text in, but for empty ones. */
export function indented(text: string, margin: string): string {
  return text.replace(/^(?=.)/gm, margin)
}

function plain(text: string): string {
  return text
}

/** The width to lay text out for: that of the terminal, no limit elsewhere. */
export function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY
}
