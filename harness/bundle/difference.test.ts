import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Difference, differencesBetween } from './difference.ts'

const memberName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
  fc.constantFrom('__proto__', 'constructor', 'valueOf', 'toString', 'hasOwnProperty'),
)
const scalar = fc.oneof(fc.constantFrom(null, true, 'x', 'y', 2n ** 60n), fc.integer({ min: 0, max: 3 }))
const { plainData } = fc.letrec((tie) => ({
  plainData: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('plainData'), { maxLength: 5 }),
    fc
      .array(fc.tuple(memberName, tie('plainData')), { maxLength: 4 })
      .map((members) => Object.fromEntries(members)),
  ),
}))

/** Changes `registered` as the differences say; what comes out must be what was asked for. */
function apply(registered: unknown, differences: readonly Difference[]): unknown {
  const box = { top: structuredClone(registered) }
  const gone = differences.filter((difference) => !('asked' in difference)).toReversed()
  for (const difference of [...differences.filter((one) => 'asked' in one), ...gone])
    applyOne(box, difference)
  return box.top
}

function applyOne(box: object, difference: Difference): void {
  const path = ['top', ...difference.path]
  const name = path.pop() ?? 'top'
  const parent = path.reduce<unknown>((value, step) => Reflect.get(Object(value), step), box)
  if (Array.isArray(parent) && typeof name === 'number') {
    const removed = 'registered' in difference ? 1 : 0
    parent.splice(name, removed, ...('asked' in difference ? [difference.asked] : []))
  } else if ('asked' in difference) {
    Object.defineProperty(parent, name, {
      value: difference.asked,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else {
    Reflect.deleteProperty(Object(parent), name)
  }
}

describe('differencesBetween', () => {
  test('finds nothing between equal data, whatever the order and the names of members', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        expect(differencesBetween(value, reversed(value))).toEqual([])
      }),
    )
  })

  test('lists exactly what turns one into the other', () => {
    fc.assert(
      fc.property(plainData, plainData, (registered, asked) => {
        const differences = differencesBetween(registered, asked)
        expect(apply(registered, differences)).toEqual(asked)
        for (const { path, ...sides } of differences) expect(sides, path.join('.')).not.toEqual({})
      }),
      { numRuns: 500 },
    )
  })

  test('gives both values of what differs, and only the one there is', () => {
    const registered = { process: { args: ['echo', 'a'], cwd: '/' }, hostname: 'h' }
    const asked = { process: { args: ['echo', 'b'], cwd: '/' }, root: null }
    expect(differencesBetween(registered, asked)).toEqual([
      { path: ['process', 'args', 1], registered: 'a', asked: 'b' },
      { path: ['hostname'], registered: 'h' },
      { path: ['root'], asked: null },
    ])
  })

  test('takes an inserted item for one difference', () => {
    const mounts = ['/proc', '/dev', '/sys', '/tmp'].map((destination) => ({ destination }))
    const more = [...mounts.slice(0, 1), { destination: '/data' }, ...mounts.slice(1)]
    expect(differencesBetween(mounts, more)).toEqual([{ path: [1], asked: { destination: '/data' } }])
    expect(differencesBetween(more, mounts)).toEqual([{ path: [1], registered: { destination: '/data' } }])
  })

  test('tells a list from an object and 1 from "1"', () => {
    expect(differencesBetween({ a: [] }, { a: {} })).toHaveLength(1)
    expect(differencesBetween({ a: 1 }, { a: '1' })).toHaveLength(1)
    expect(differencesBetween({ a: null }, {})).toEqual([{ path: ['a'], registered: null }])
  })

  test('tells large integers apart', () => {
    expect(differencesBetween({ a: 2n ** 60n }, { a: 2n ** 60n + 1n })).toHaveLength(1)
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toReversed()
  return Object.fromEntries(members.map(([name, member]) => [name, reversed(member)]))
}
