import { describe, expect, test } from 'vitest'
import { checkNames, chooseVersion, isVersion } from './debian-packages.ts'
import { baseSuites, PackageError } from './private-apt.ts'

const offered = ['1.1.5+ds1-1', '1.1.15+ds1-2+b4', '1.3.6+ds1-1']

describe('chooseVersion', () => {
  test('takes the newest', () => {
    expect(chooseVersion('runc', offered, {})).toBe('1.3.6+ds1-1')
  })

  test('takes the newest of what was asked for', () => {
    expect(chooseVersion('runc', offered, { version: '1.1' })).toBe('1.1.15+ds1-2+b4')
    expect(chooseVersion('runc', offered, { version: '1.1.5' })).toBe('1.1.5+ds1-1')
  })

  test('says what there is instead', () => {
    expect(() => chooseVersion('runc', offered, { suite: 'trixie', version: '9' })).toThrow(PackageError)
    expect(() => chooseVersion('runc', offered, { suite: 'trixie', version: '9' })).toThrow(
      /'trixie' has no runc 9, only 1\.3\.6\+ds1-1, 1\.1\.15/,
    )
    expect(() => chooseVersion('runc', [], {})).toThrow(/no package runc/)
  })
})

test.each([
  ['1.3.6+ds1-1', '1.3.6+ds1-1', true],
  ['1.3.6+ds1-1', '1.3.6', true],
  ['1.3.6+ds1-1', '1.3', true],
  ['1.3.6+ds1-1', '1', true],
  ['1.13.6', '1.1', false],
  ['1.15-1', '1.1', false],
  ['2:1.15-1', '1.15', true],
  ['2:1.15-1', '2', false],
])('version %s asked for as %s: %s', (full, wanted, expected) => {
  expect(isVersion(full, wanted)).toBe(expected)
})

describe('checkNames', () => {
  test('accepts what Debian uses', () => {
    expect(() =>
      checkNames('libstdc++6', { suite: 'bookworm-backports', version: '1:1.0~rc1+ds-1' }),
    ).not.toThrow()
  })

  test.each([
    ['-oDebug=1', {}],
    ['../x', {}],
    ['runc=1', {}],
    ['Runc', {}],
    ['', {}],
    ['runc', { suite: 'sid main' }],
    ['runc', { suite: 'sid\nURIs: http://x' }],
    ['runc', { suite: '-x' }],
    ['runc', { version: '../1' }],
    ['runc', { version: '' }],
    ['runc', { version: 'latest' }],
  ])('refuses %j with %j', (name, options) => {
    expect(() => checkNames(name, options)).toThrow(PackageError)
  })
})

test('some suites come with the one they build on', () => {
  expect(baseSuites('trixie')).toEqual(['trixie'])
  expect(baseSuites('bookworm-backports')).toEqual(['bookworm-backports', 'bookworm'])
  expect(baseSuites('trixie-security')).toEqual(['trixie-security', 'trixie'])
  expect(baseSuites('experimental')).toEqual(['experimental', 'sid'])
})
