import { check, property, string, tuple, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { TarFormatError } from './header.ts'
import { decodePax, encodePax } from './pax.ts'

const key = string({ minLength: 1, maxLength: 30, unit: 'binary-ascii' }).filter(
  (text) => !text.includes('='),
)
const value = string({ maxLength: 1200, unit: 'binary-ascii' })

test('records of any bytes come back as they were', () => {
  const anyRecords = uniqueArray(tuple(key, value), { selector: ([name]) => name, maxLength: 8 })
  const comesBack = property(anyRecords, (records) => {
    expect([...decodePax(encodePax(new Map(records)))]).toEqual(records)
  })
  expect(check(comesBack)).toMatchObject({ failed: false })
})

test('a length counts its own digits', () => {
  // 10 and 100 are where the number of digits changes.
  for (let length = 0; length < 120; length += 1) {
    const encoded = encodePax(new Map([['k', 'v'.repeat(length)]]))
    expect(Number.parseInt(encoded.toString(), 10)).toBe(encoded.length)
  }
})

test('bytes from 0x80 are kept', () => {
  expect(decodePax(encodePax(new Map([['a', '\x00\x80\xff\n=']]))).get('a')).toBe('\x00\x80\xff\n=')
})

test.each(['5', 'path=a\n', '0 path=a\n', '6 a=b', '6 a=bX', '5 ab\n', '-6 a=b\n', '7 a=b\n', '3 \n', '1\n'])(
  '%j is malformed',
  (text) => {
    expect(() => decodePax(Buffer.from(text))).toThrow(TarFormatError)
  },
)
