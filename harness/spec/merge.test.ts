import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeSpec } from './merge.ts'
import type { Spec } from './schema/spec.ts'
import { freeze, linuxSpecs, partAt, pathsOf, specs } from './spec.fixture.ts'

const few = { numRuns: 60 }

describe('mergeSpec', () => {
  const defaults: Spec = {
    ociVersion: '1.0.2',
    process: { cwd: '/', args: ['init'], terminal: false, env: ['A=1'] },
    root: { path: '' },
    mounts: [{ destination: '/proc' }],
    linux: { resources: { memory: { limit: 0, swap: 5 } } },
  }

  test('keeps what the defaults say, fills what they leave empty, joins lists', () => {
    const user = {
      ociVersion: '9.9.9',
      process: { cwd: '/home', terminal: true, env: ['B=2'] },
      root: { path: 'rootfs', readonly: true },
      hostname: 'h',
      mounts: [{ destination: '/data' }],
      linux: { resources: { memory: { limit: 7n, swap: 6 } } },
      annotations: { a: 'b' },
    }
    expect(mergeSpec(defaults, user)).toEqual({
      ociVersion: '1.0.2',
      process: { cwd: '/', args: ['init'], terminal: true, env: ['A=1', 'B=2'] },
      root: { path: 'rootfs', readonly: true },
      mounts: [{ destination: '/proc' }, { destination: '/data' }],
      linux: { resources: { memory: { limit: 7n, swap: 5 } } },
      hostname: 'h',
      annotations: { a: 'b' },
    })
  })

  test('an empty user value replaces nothing', () => {
    expect(mergeSpec(defaults, { process: { cwd: '' }, mounts: [], hostname: '' })).toEqual({
      ...defaults,
      hostname: '',
    })
  })

  test('a user value that is not there takes nothing away', () => {
    const merged = mergeSpec(defaults, { process: { terminal: undefined }, root: { path: undefined } })
    expect(merged).toStrictEqual(defaults)
  })

  test('nothing merged in, and merging into nothing, change nothing', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(mergeSpec(spec, {})).toEqual(spec)
        expect(mergeSpec({ ociVersion: '' }, spec)).toEqual(spec)
      }),
      few,
    )
  })

  test('the order of merging several does not matter', () => {
    fc.assert(
      fc.property(linuxSpecs, linuxSpecs, linuxSpecs, (a, b, c) => {
        expect(mergeSpec(mergeSpec(a, b), c)).toEqual(mergeSpec(a, mergeSpec(b, c)))
      }),
      few,
    )
  })

  test('inputs may be frozen, and are shared with nothing', () => {
    fc.assert(
      fc.property(specs, specs, (a, b) => {
        const before = structuredClone([a, b])
        const merged = mergeSpec(freeze(a), freeze(b))
        for (const path of pathsOf(merged)) {
          const part = partAt(merged, path)
          if (typeof part === 'object' && part !== null) expect(Object.isFrozen(part)).toBe(false)
        }
        expect([a, b]).toEqual(before)
      }),
      few,
    )
  })

  test('every list is as long as both together', () => {
    fc.assert(
      fc.property(specs, specs, (a, b) => {
        const merged = mergeSpec(a, b)
        expect(merged.mounts ?? []).toEqual([...(a.mounts ?? []), ...(b.mounts ?? [])])
        expect(merged.process?.env ?? []).toEqual([...(a.process?.env ?? []), ...(b.process?.env ?? [])])
      }),
      few,
    )
  })

  test('a member called __proto__ is merged like any other', () => {
    const user = JSON.parse('{"annotations": {"__proto__": "x"}}')
    const merged = mergeSpec({ ociVersion: '1', annotations: {} }, user)
    expect(Object.entries(merged.annotations ?? {})).toEqual([['__proto__', 'x']])
  })
})
