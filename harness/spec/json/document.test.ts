import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { json } from '../spec.fixture.ts'
import { parseJson, parseJsonDocument } from './document.ts'
import {
  JsonDuplicateNameError,
  JsonEncodingError,
  JsonError,
  JsonNumberError,
  JsonSyntaxError,
  JsonTooDeepError,
  JsonTrailingDataError,
} from './errors.ts'
import { stringifyJson } from './stringify.ts'
import { maximumDepth } from './value.ts'

function failure(text: string, file?: string): unknown {
  try {
    parseJson(text, { file })
  } catch (error) {
    return error
  }
  return undefined
}

describe('what is kept', () => {
  test('integers beyond 2^53 become bigints, others stay numbers', () => {
    expect(
      parseJson('[18446744073709551615, -9223372036854775808, 9007199254740991, 9007199254740992]'),
    ).toEqual([18446744073709551615n, -9223372036854775808n, 9007199254740991, 9007199254740992n])
  })

  test('exponents and fractions are numbers, also whole ones', () => {
    expect(parseJson('[1e3, 1.0, 1e20, 0.5]')).toEqual([1000, 1, 1e20, 0.5])
  })

  test('members keep the order of the text', () => {
    expect(Object.keys(Object(parseJson('{"b":1,"a":2,"c":3}')))).toEqual(['b', 'a', 'c'])
  })

  test('__proto__ is a member and changes no prototype', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(stringifyJson(value)).toBe('{"__proto__":{"polluted":true}}')
  })

  test('whatever is written is read back the same', () => {
    fc.assert(
      fc.property(json, fc.constantFrom('', '\t', '  '), (value, indent) => {
        expect(parseJson(stringifyJson(value, { indent }))).toEqual(value)
      }),
    )
  })
})

describe('what is refused', () => {
  test.for<
    [
      text: string,
      kind: abstract new (...parts: never[]) => JsonError,
      line: number,
      column: number,
      message: RegExp,
    ]
  >([
    ['', JsonSyntaxError, 1, 1, /expected a value, but the text ends here/],
    ['{', JsonSyntaxError, 1, 2, /an object is not closed with }/],
    ['{"a": 1', JsonSyntaxError, 1, 8, /an object is not closed with }/],
    ['[1', JsonSyntaxError, 1, 3, /an array is not closed with ]/],
    ['{\n  "a": ,\n}', JsonSyntaxError, 2, 8, /expected a value: ,/],
    ['{"a" 1}', JsonSyntaxError, 1, 6, /expected a colon/],
    ['{a: 1}', JsonSyntaxError, 1, 2, /not JSON: a/],
    ['[1, 2,]', JsonSyntaxError, 1, 7, /expected a value: \]/],
    ['[1\n 2]', JsonSyntaxError, 2, 2, /expected a comma: 2/],
    ['// hello\n1', JsonSyntaxError, 1, 1, /JSON has no comments/],
    ['["ab\tc"]', JsonSyntaxError, 1, 5, /a control character in a string has to be escaped: "\\t"/],
    ['["ab\\xc"]', JsonSyntaxError, 1, 5, /no such escape in a string/],
    ['["\\\\\\u12"]', JsonSyntaxError, 1, 3, /\\u needs four hexadecimal digits/],
    ['["ab', JsonSyntaxError, 1, 2, /a string is not closed/],
    ['[1.]', JsonSyntaxError, 1, 2, /a number ends too early/],
    ['{} {}', JsonTrailingDataError, 1, 4, /something follows the end of the document/],
    ['null\nx', JsonTrailingDataError, 2, 1, /something follows/],
    ['\uFEFF{}', JsonEncodingError, 1, 1, /byte order mark/],
    ['[1e999]', JsonNumberError, 1, 2, /1e999 is too large/],
  ])('%j', ([text, kind, line, column, message]) => {
    const error = failure(text, 'config.json')
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({
      line,
      column,
      file: 'config.json',
      message: expect.stringMatching(message),
    })
    expect(String(error)).toContain(`config.json:${line}:${column}: `)
  })

  test('the message names the value around the mistake', () => {
    expect(failure('{"process": {"args": ["sh", }}')).toMatchObject({
      message: 'line 1, column 29: expected a value: } (in process.args[1])',
    })
  })

  test('every repeated name is listed, with both places', () => {
    const text = '{\n "a": {"x": 1, "x": 1},\n "b": 2,\n "\\u0062": 3\n}'
    const error = failure(text)
    expect(error).toBeInstanceOf(JsonDuplicateNameError)
    expect(error).toMatchObject({
      line: 2,
      column: 16,
      duplicates: [
        { path: ['a', 'x'], line: 2, column: 16, first: { line: 2, column: 8 } },
        { path: ['b'], line: 4, column: 2, first: { line: 3, column: 2 } },
      ],
    })
    expect(String(error)).toContain(
      'a.x is given twice, on lines 2 and 2; b is given twice, on lines 3 and 4',
    )
  })

  test('a name given three times is repeated twice', () => {
    const at = (column: number) => ({ line: 1, column })
    expect(failure('{"a":1,"a":2,"a":3}')).toMatchObject({
      duplicates: [
        { ...at(8), first: at(2) },
        { ...at(14), first: at(2) },
      ],
    })
  })

  test('the same name in two objects is no repetition', () => {
    expect(parseJson('[{"a":1},{"a":1}]')).toEqual([{ a: 1 }, { a: 1 }])
  })

  test('nesting is bounded', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(() => parseJson(nested(maximumDepth))).not.toThrow()
    expect(failure(nested(maximumDepth + 1))).toBeInstanceOf(JsonTooDeepError)
    expect(failure('['.repeat(1_000_000))).toBeInstanceOf(JsonTooDeepError)
  })

  test('exactly what JSON.parse refuses, and repetitions', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '0',
      '.5',
      'e3',
      'null',
      'tru',
      ' ',
      '\n',
      '"',
      '\\',
      '\u0001',
      '/**/',
    )
    const texts = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.tuple(json, fc.nat(), piece).map(([value, place, inserted]) => {
        const text = stringifyJson(value)
        const at = place % (text.length + 1)
        return text.slice(0, at) + inserted + text.slice(at)
      }),
      fc.string(),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const error = failure(text)
        if (error !== undefined) expect(error).toBeInstanceOf(JsonError)
        if (error instanceof JsonDuplicateNameError || error instanceof JsonNumberError) return
        let standard = true
        try {
          JSON.parse(text)
        } catch {
          standard = false
        }
        expect(error === undefined).toBe(standard)
      }),
      { numRuns: 1000 },
    )
  })
})

test('a document knows where its values begin', () => {
  const document = parseJsonDocument('{\n  "a": [10, {"b": "x"}]\n}')
  expect(document.locate([])).toEqual({ line: 1, column: 1 })
  expect(document.locate(['a'])).toEqual({ line: 2, column: 8 })
  expect(document.locate(['a', 0])).toEqual({ line: 2, column: 9 })
  expect(document.locate(['a', 1, 'b'])).toEqual({ line: 2, column: 19 })
  // What is not there is where it would be.
  expect(document.locate(['a', 1, 'c', 0])).toEqual({ line: 2, column: 13 })
  expect(document.locate(['constructor'])).toEqual({ line: 1, column: 1 })
})
