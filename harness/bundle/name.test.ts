import { describe, expect, test } from 'vitest'
import { BundleNameError } from './errors.ts'
import { checkName } from './name.ts'

const refused = {
  'nothing at all': '',
  'the directory itself': '.',
  'the directory above': '..',
  'a way out': '../x',
  'a way down': 'a/b',
  'a way out that comes later': 'a/../../b',
  'an absolute path': '/etc',
  "a bundle's own file": 'config.json',
  '300 characters': 'n'.repeat(300),
  'one character too many': 'n'.repeat(129),
  'a NUL': 'a\0b',
  'what a program takes for an option': '-rf',
  'a hidden name': '.registry',
  'a newline': 'a\nb',
  'an escape sequence': '\u001b[31mred',
  'a control character above ASCII': 'a\u0085b',
  'a space': 'a b',
  'a letter that is not ASCII': 'bündel',
  'a colon, which overlayfs takes for a separator': 'a:b',
  'a newline at the end': 'a\n',
}

const accepted = ['a', 'busybox-sh-512k-memlimit', '_x', '9', 'A.b_c+d-e', 'config.json2', 'n'.repeat(128)]

describe('checkName', () => {
  test.each(Object.entries(refused))('refuses %s', (_, name) => {
    expect(() => checkName(name, 'bundle')).toThrow(BundleNameError)
    expect(() => checkName(name, 'archive')).toThrow(BundleNameError)
  })

  test.each(accepted)('accepts %s', (name) => {
    expect(() => checkName(name, 'bundle')).not.toThrow()
  })

  test('refuses what an untyped caller may pass', () => {
    const check: (name: never, what: 'bundle') => void = checkName
    for (const name of [undefined, null, 7, {}, ['a']]) {
      expect(() => Reflect.apply(check, undefined, [name, 'bundle'])).toThrow(BundleNameError)
    }
  })

  test('says which name, what is wrong with it and what would be right, on one short line', () => {
    expect(() => checkName('../x', 'bundle')).toThrow(
      /^"\.\.\/x" cannot be the name of a bundle: it begins with "\."; a name has 1 to 128 letters/,
    )
    expect(() => checkName('\u001b[31m'.repeat(100), 'archive')).toThrow(/^"\\u001b\[31m\P{Cc}{0,300}$/u)
  })
})
