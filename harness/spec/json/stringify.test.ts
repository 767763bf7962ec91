import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { json } from '../spec.fixture.ts'
import { JsonUnrepresentableError } from './errors.ts'
import { stringifyJson } from './stringify.ts'

describe('stringifyJson', () => {
  test('is JSON.stringify where that loses nothing', () => {
    const small = json.filter(
      (value) => !/\d{16}/.test(stringifyJson(value)) && !stringifyJson(value).includes('-0'),
    )
    fc.assert(
      fc.property(small, fc.constantFrom('', '\t', '  '), (value, indent) => {
        expect(stringifyJson(value, { indent })).toBe(JSON.stringify(value, null, indent))
      }),
    )
  })

  test('writes bigints and negative zero in full', () => {
    expect(stringifyJson([18446744073709551615n, -5n, -0])).toBe('[18446744073709551615,-5,-0]')
  })

  test('leaves out undefined members and keeps the places of items', () => {
    expect(stringifyJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}')
  })

  test('takes one line without indentation, and tabs as runc does', () => {
    expect(stringifyJson({ a: [1, {}], b: [] }, { indent: '\t' })).toBe(
      '{\n\t"a": [\n\t\t1,\n\t\t{}\n\t],\n\t"b": []\n}',
    )
  })

  const cycle: unknown[] = []
  cycle.push(cycle)
  test.for<[what: string, value: unknown, message: RegExp]>([
    ['a function', { a: { b: () => 0 } }, /^a\.b cannot be written as JSON: it is of type function$/],
    ['NaN', [1, Number.NaN], /^\[1\] cannot be written as JSON: it is NaN$/],
    ['nothing', undefined, /^the value cannot be written as JSON: it is of type undefined$/],
    ['a symbol', Symbol('s'), /of type symbol/],
    ['a cycle', cycle, /nested more than 1000 deep, or in a cycle/],
  ])('refuses %s', ([, value, message]) => {
    expect(() => stringifyJson(value)).toThrow(JsonUnrepresentableError)
    expect(() => stringifyJson(value)).toThrow(message)
  })
})
