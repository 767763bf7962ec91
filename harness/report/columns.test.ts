import { describe, expect, test } from 'vitest'
import { columns, widthOf, wrap } from './columns.ts'

const rows = [
  [{ text: 'runc' }, { text: 'ready' }, { text: 'one two three four five six' }],
  [{ text: 'busybox' }, { text: 'no' }, { text: 'seven' }],
]

describe('columns', () => {
  test('stand under each other, and lines end with their text', () => {
    expect(columns(rows, 80)).toBe('runc     ready  one two three four five six\nbusybox  no     seven')
  })

  test('wrap the last one under itself', () => {
    expect(columns(rows, 40)).toBe(
      ['runc     ready  one two three four five', '                six', 'busybox  no     seven'].join('\n'),
    )
  })

  test('put the last one below where it would have no room', () => {
    expect(columns(rows, 20)).toBe(
      ['runc     ready', '    one two three', '    four five six', 'busybox  no', '    seven'].join('\n'),
    )
  })

  test('are not cut where there is no terminal', () => {
    const long = 'word '.repeat(100).trim()
    expect(columns([[{ text: 'a' }, { text: long }]], Number.POSITIVE_INFINITY)).toBe(`a  ${long}`)
  })

  test('are aligned by their text, not by its colour', () => {
    const paint = (text: string): string => `<${text}>`
    expect(
      columns(
        [
          [{ text: 'a', paint }, { text: 'b' }],
          [{ text: 'ccc' }, { text: 'd', paint }],
        ],
        80,
      ),
    ).toBe('<a>    b\nccc  <d>')
  })

  test('keep line breaks of the last one, and leave out what is empty', () => {
    expect(
      columns(
        [
          [{ text: 'a' }, { text: 'b\nc' }],
          [{ text: 'd' }, { text: '' }],
        ],
        80,
      ),
    ).toBe('a  b\n   c\nd')
  })

  test('take no room where nothing stands in them', () => {
    const rows = [[{ text: 'a' }, { text: '' }, { text: 'b' }]]
    expect(columns(rows, 80)).toBe('a  b')
    expect(columns([[...(rows[0] ?? [])], [{ text: 'c' }, { text: 'd' }, { text: 'e' }]], 80)).toBe(
      'a     b\nc  d  e',
    )
  })

  test('take no escape sequences from foreign text', () => {
    expect(columns([[{ text: 'a\u001b[2Jb' }, { text: '\u001b]0;title\u0007c' }]], 80)).toBe('ab  c')
  })
})

test('wrap lets a long word stand out rather than breaking it', () => {
  expect(wrap('a /very/long/path b', 6)).toEqual(['a', '/very/long/path', 'b'])
})

test('only a terminal has a width', () => {
  expect(widthOf({ isTTY: true, columns: 60 })).toBe(60)
  expect(widthOf({ isTTY: true })).toBe(80)
  expect(widthOf({ columns: 60 })).toBe(Number.POSITIVE_INFINITY)
})
