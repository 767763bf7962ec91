import { expect, test } from 'vitest'
import { compareDebianVersions } from './debian-version.ts'

// Ascending; each pair of neighbours was checked with dpkg --compare-versions.
const ascending = [
  '0.9',
  '1.0~~',
  '1.0~~a',
  '1.0~',
  '1.0',
  '1.0-1',
  '1.0-1+b1',
  '1.0-2~bpo12+1',
  '1.0-2',
  '1.0a',
  '1.0+ds1-1',
  '1.0.1',
  '1.1.5+ds1-1+deb12u1',
  '1.1.15+ds1-2+b4',
  '1.3.6+ds1-1',
  '1.10',
  '1:0.1',
]

test('orders versions as dpkg does', () => {
  for (const [position, lower] of ascending.entries()) {
    for (const higher of ascending.slice(position + 1)) {
      expect(compareDebianVersions(lower, higher), `${lower} < ${higher}`).toBeLessThan(0)
      expect(compareDebianVersions(higher, lower), `${higher} > ${lower}`).toBeGreaterThan(0)
    }
  }
})

test('knows equal versions that are written differently', () => {
  expect(compareDebianVersions('1.01-1', '1.1-1')).toBe(0)
  expect(compareDebianVersions('0:1.0', '1.0')).toBe(0)
})
