import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonUnrepresentableError, parseJson, stringifyJson } from '../spec/index.ts'
import { frozenCopy } from './plain-copy.ts'

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, undefined, 2 ** 53, 2 ** 63, -(2 ** 64), 1e21, 0.1, -0),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt(),
)
const memberName = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'valueOf', 'toString'))
const { plainData } = fc.letrec((tie) => ({
  plainData: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('plainData'), { maxLength: 4 }),
    fc
      .array(fc.tuple(memberName, tie('plainData')), { maxLength: 4 })
      .map((members) => Object.fromEntries(members)),
  ),
}))

function isFrozenThroughout(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout)
}

describe('frozenCopy', () => {
  test('gives what reading the JSON back gives, frozen throughout', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        fc.pre(value !== undefined)
        const copied = frozenCopy(value)
        expect(copied).toEqual(parseJson(stringifyJson(value)))
        expect(stringifyJson(copied)).toBe(stringifyJson(parseJson(stringifyJson(value))))
        expect(isFrozenThroughout(copied)).toBe(true)
      }),
    )
  })

  test('keeps and freezes nothing of the original', () => {
    const original = { inner: { list: [{ a: 1 }] } }
    const copied = frozenCopy(original)
    original.inner.list.push({ a: 2 })
    expect(copied).toEqual({ inner: { list: [{ a: 1 }] } })
  })

  const circular: Record<string, unknown> = {}
  circular['round'] = circular

  test.each([
    ['annotations', { annotations: new Map([['a', 'b']]) }, /annotations .* a Map/],
    ['mounts[1]', { mounts: [1, new Set()] }, /mounts\[1\] .* a Set/],
    ['a', { a: new Date(0) }, /a Date/],
    ['f', { f: () => 1 }, /of type function/],
    ['s', { s: Symbol('s') }, /of type symbol/],
    ['n.o', { n: { o: Number.NaN } }, /n\.o .* NaN/],
    ['n', { n: Number.POSITIVE_INFINITY }, /Infinity/],
    ['b', { b: Buffer.from('x') }, /a Buffer/],
    ['round.round', circular, /cycle/],
  ])('refuses what JSON would lose and says where: %s', (_, value, message) => {
    expect(() => frozenCopy(value)).toThrow(JsonUnrepresentableError)
    expect(() => frozenCopy(value)).toThrow(message)
  })
})
