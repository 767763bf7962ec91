import { expect, test } from 'vitest'
import { printable, printableLine } from './printable.ts'

test.each([
  ['a colour', '\u001b[31mred\u001b[0m', 'red'],
  ['a window title', '\u001b]0;gotcha\u0007text', 'text'],
  ['a bell and a backspace', 'a\u0007b\u0008c', 'a\ufffdb\ufffdc'],
  ['a carriage return that would overwrite the line', 'all is well\rnot ok', 'all is well\ufffdnot ok'],
  ['a single-byte control sequence introducer', 'a\u009b31mb', 'ab'],
  ['text that turns the reading direction', 'a\u202eb', 'a\ufffdb'],
  ['line ends and tabs', 'a\n\tb', 'a\n\tb'],
])('%s is made safe', (_what, text, safe) => {
  expect(printable(text)).toBe(safe)
})

test('a line is folded and cut to its width', () => {
  expect(printableLine('one\n  two   three', 80)).toBe('one two three')
  expect(printableLine('abcdef', 4)).toBe('abc…')
})
