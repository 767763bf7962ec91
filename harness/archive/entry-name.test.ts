import { describe, expect, test } from 'vitest'
import { displayName, printable } from './entry-name.ts'

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

describe('displayName', () => {
  test.each([
    ['bin/sh', '"bin/sh"'],
    [bytes('grün/日本'), '"grün/日本"'],
    ['say "hi"\\', '"say \\"hi\\"\\\\"'],
    ['a\nb\x1b[2J\x07', '"a\\x0ab\\x1b[2J\\x07"'],
    ['a\xff\xfeb', '"a\\xff\\xfeb"'],
    [bytes('right‮left'), '"right\\u{202e}left"'],
    [bytes('C1 \u009b31m'), '"C1 \\x9b31m"'],
    ['', '""'],
  ])('%j', (name, shown) => {
    expect(displayName(name)).toBe(shown)
  })

  test('a very long name is cut', () => {
    expect(displayName('n'.repeat(65_536))).toBe(`"${'n'.repeat(200)}"…`)
  })
})

test('printable keeps lines and nothing else that acts on a terminal', () => {
  expect(printable('tar: \x1b]0;title\x07: no\ntar: exiting\n')).toBe(
    'tar: \\x1b]0;title\\x07: no\ntar: exiting',
  )
})
