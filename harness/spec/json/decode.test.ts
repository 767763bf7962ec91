import { describe, expect, test } from 'vitest'
import { decodeJson } from './decode.ts'
import { JsonEncodingError } from './errors.ts'

function failure(bytes: Buffer): unknown {
  try {
    decodeJson(bytes, { file: 'config.json' })
  } catch (error) {
    return error
  }
  return undefined
}

describe('decodeJson', () => {
  test('gives the text of UTF-8', () => {
    const text = '{"a": "grüße \u{1f433} \uFFFD"}'
    expect(decodeJson(Buffer.from(text))).toBe(text)
  })

  test('says where the first byte is that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{\n "\uFFFDä": "'), Buffer.from([0xff]), Buffer.from('"}')])
    expect(failure(bytes)).toBeInstanceOf(JsonEncodingError)
    expect(failure(bytes)).toMatchObject({ line: 2, column: 9, message: 'config.json:2:9: is not UTF-8' })
  })

  test.for<[name: string, bytes: Buffer]>([
    ['little-endian with mark', Buffer.from('\uFEFF{}', 'utf16le')],
    ['little-endian', Buffer.from('{}', 'utf16le')],
    ['big-endian', Buffer.from('{}', 'utf16le').swap16()],
  ])('refuses UTF-16, %s', ([, bytes]) => {
    expect(failure(bytes)).toBeInstanceOf(JsonEncodingError)
    expect(String(failure(bytes))).toContain('is UTF-16 or UTF-32')
  })

  test('leaves short texts to the parser', () => {
    expect(decodeJson(Buffer.from(''))).toBe('')
    expect(decodeJson(Buffer.from('1'))).toBe('1')
  })
})
