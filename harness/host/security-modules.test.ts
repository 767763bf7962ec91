import { expect, test } from 'vitest'
import { lenientProfileIn } from './security-modules.ts'

test('a profile that denies nothing is found among others', () => {
  const text = ['docker-default (enforce)', '/usr/sbin/a b (complain)', 'later (unconfined)', ''].join('\n')
  expect(lenientProfileIn(text)).toBe('/usr/sbin/a b')
  expect(lenientProfileIn('busy (unconfined)\n')).toBe('busy')
  expect(lenientProfileIn('docker-default (enforce)\n')).toBeUndefined()
  expect(lenientProfileIn('')).toBeUndefined()
})
