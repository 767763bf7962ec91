import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { json, partAt, pathsOf, sound, specs } from '../spec.fixture.ts'
import { InvalidPathError, withoutValue, withValue } from './value.ts'

describe('withValue', () => {
  test('sets what the types do not allow', () => {
    expect(withValue('process.rlimits[0].type', 'RLIMIT_BOGUS')(sound).process?.rlimits?.[0]?.type).toBe(
      'RLIMIT_BOGUS',
    )
    expect(withValue('process.args', 5)(sound)).toMatchObject({ process: { args: 5, cwd: '/' } })
  })

  test('makes what is missing on the way', () => {
    expect(withValue('hooks.poststop[1].path', 'x')({ ociVersion: '1' })).toEqual({
      ociVersion: '1',
      // biome-ignore lint/suspicious/noSparseArray: the first hook was never made
      hooks: { poststop: [, { path: 'x' }] },
    })
    expect(withValue('annotations["a.b"]', 'x')(sound).annotations).toEqual({ 'a.b': 'x' })
  })

  test('sets __proto__ like any other member', () => {
    const edited = withValue(['annotations', '__proto__'], 'x')(sound)
    expect(Object.entries(edited.annotations ?? {})).toEqual([['__proto__', 'x']])
  })

  test('sets exactly one part of any configuration', () => {
    fc.assert(
      fc.property(specs, fc.nat(), json, (spec, number, value) => {
        const paths = pathsOf(spec).filter((path) => path.length > 0)
        const path = paths[number % paths.length] ?? ['ociVersion']
        const before = structuredClone(spec)
        const edited = withValue(path, value)(spec)
        expect(partAt(edited, path)).toEqual(value)
        expect(withValue(path, partAt(spec, path))(edited)).toEqual(spec)
        expect(spec).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })
})

describe('withoutValue', () => {
  test('takes out required members and items', () => {
    expect(withoutValue('process.cwd')(sound).process).not.toHaveProperty('cwd')
    expect(withoutValue('mounts[0]')(sound).mounts).toEqual(sound.mounts?.slice(1))
  })

  test.for(['hooks.poststop[0]', 'mounts[9]', 'mounts[0].none', 'hostname.length.x', 'nothing'])(
    'does nothing about %s',
    (path) => {
      expect(withoutValue(path)(sound)).toEqual(sound)
    },
  )
})

test.for(['', 'a..b', 'a['])('%j is refused as a path', (path) => {
  expect(() => withValue(path, 1)).toThrow(InvalidPathError)
  expect(() => withoutValue(path)).toThrow(InvalidPathError)
})
