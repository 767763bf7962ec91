import { describe, expect, test } from 'vitest'
import { ContainerIds, checkContainerId } from './container-id.ts'
import { InvalidContainerIdError } from './errors.ts'

describe('checkContainerId', () => {
  test.each(['a', 'web-1', 'a.b', 'a..b', '_x', 'A+b_c-d.e', '0', 'x'.repeat(240)])('accepts %j', (id) => {
    expect(() => checkContainerId(id)).not.toThrow()
  })

  test.each([
    '',
    '.',
    '..',
    '.hidden',
    '-f',
    '--all',
    'a/b',
    '../x',
    '/x',
    'a b',
    'a\0b',
    'a\n',
    'a~1',
    'é',
    '+a',
    'x'.repeat(241),
  ])('refuses %j', (id) => {
    expect(() => checkContainerId(id)).toThrow(InvalidContainerIdError)
  })

  test('says which id and what to do', () => {
    expect(() => checkContainerId('a/b')).toThrow(/"a\/b".*letters, digits.*Runtime\.command/)
  })
})

describe('ContainerIds', () => {
  test('counts up from a prefix, and none begins with another', () => {
    const ids = new ContainerIds('mine')
    const given = Array.from({ length: 12 }, () => ids.next())
    expect(given.slice(0, 2)).toEqual(['mine-0001', 'mine-0002'])
    for (const id of given) expect(given.filter((other) => other.startsWith(id))).toEqual([id])
  })

  test('two generators without a prefix never give the same id', () => {
    expect(new ContainerIds().next()).not.toBe(new ContainerIds().next())
  })

  test('refuses a prefix that no valid id can begin with', () => {
    expect(() => new ContainerIds('-x')).toThrow(InvalidContainerIdError)
    expect(() => new ContainerIds('x'.repeat(239))).toThrow(InvalidContainerIdError)
  })
})
