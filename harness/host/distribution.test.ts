import { expect, test } from 'vitest'
import { parseDistribution } from './distribution.ts'

test('reads os-release with and without quotes', () => {
  const text =
    'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n# comment\n'
  expect(parseDistribution(text)).toEqual({
    id: 'ubuntu',
    like: ['debian'],
    codename: 'noble',
    title: 'Ubuntu 24.04.1 LTS',
  })
})

test('reads several distributions it is like, and escapes', () => {
  const text = `ID='rocky'\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky \\"Linux\\""\n`
  expect(parseDistribution(text)).toEqual({
    id: 'rocky',
    like: ['rhel', 'centos', 'fedora'],
    codename: undefined,
    title: 'Rocky "Linux"',
  })
})

test('of nothing is just linux', () => {
  expect(parseDistribution('')).toEqual({ id: 'linux', like: [], codename: undefined, title: 'linux' })
})
