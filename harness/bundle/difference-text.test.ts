import { describe, expect, test } from 'vitest'
import { describeDifferences, shortened } from './difference-text.ts'

describe('describeDifferences', () => {
  test('has a line for each difference with path and both values', () => {
    const text = describeDifferences([
      { path: ['spec', 'process', 'args', 1], registered: 'a', asked: 'b' },
      { path: ['spec', 'annotations', 'org.x y'], asked: '1' },
      { path: ['spec', 'linux'], registered: { maskedPaths: [] } },
    ])
    expect(text.split('\n')).toEqual([
      '  spec.process.args[1]: registered "a", asked for "b"',
      '  spec.annotations["org.x y"]: not registered, asked for "1"',
      '  spec.linux: registered {"maskedPaths":[]}, not asked for',
    ])
  })

  test('stays short however much differs', () => {
    const long = 'x'.repeat(100_000)
    const many = Array.from({ length: 5000 }, (_, position) => ({
      path: [long, position],
      registered: { long },
      asked: long,
    }))
    const lines = describeDifferences(many).split('\n')
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe('  … and 4980 more')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(400)
  })

  test('shows nothing that a terminal would obey', () => {
    const text = describeDifferences([
      { path: ['\u001b[2J\u009b'], registered: '\u001b]0;x\u0007\u202e\n', asked: '\u2066\u007f' },
    ])
    expect(text).toMatch(/^[\u0020-\u007e…]*$/)
    expect(text).toContain(String.raw`\u001b]0;x\u0007\u202e\n`)
  })
})

describe('shortened', () => {
  test('shows what has no JSON too', () => {
    expect(shortened(undefined)).toBe('undefined')
    expect(shortened(2n ** 60n)).toBe('1152921504606846976')
  })
})
