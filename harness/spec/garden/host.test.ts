import { describe, expect, test } from 'vitest'
import { readGardenHost } from './host.ts'

describe('readGardenHost', () => {
  test('reads this machine', () => {
    const host = readGardenHost()
    expect(host.uidMap.length).toBeGreaterThan(0)
    expect(host.gidMap.length).toBeGreaterThan(0)
    expect(host.exists('/proc/self')).toBe(true)
    expect(host.exists('/proc/self/nothing')).toBe(false)
    expect(host.initBinary).toMatch(/^\//)
  })

  test('keeps what is known, even if it is "no"', () => {
    const known = {
      initBinary: '/opt/init',
      uidMap: [],
      gidMap: [],
      capabilities: ['CAP_KILL'],
      cgroup: 'v2',
      cgroupNamespace: false,
      swapAccounting: true,
      exists: () => false,
    } as const
    expect(readGardenHost(known)).toEqual(known)
  })
})
