import { describe, expect, test } from 'vitest'
import { genericProfile, lackedBy, profileNamed, runtimeProfiles } from './profiles.ts'

const controllers = new Map<string, string>()

describe('profiles', () => {
  test('are known by name', () => {
    expect(runtimeProfiles.map(({ name }) => name)).toEqual(['runc', 'crun', 'runsc', 'youki'])
    expect(profileNamed('crun')?.command).toBe('crun')
    expect(profileNamed('toString')).toBeUndefined()
  })

  test('crun gets a mount namespace without the unified hierarchy only where one stands beside those of v1', () => {
    const prefixOn = profileNamed('crun')?.prefixOn
    expect(
      prefixOn?.({ cgroups: { kind: 'hybrid', controllers, unified: '/sys/fs/cgroup/unified' } }),
    ).toEqual([
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs none /sys/fs/cgroup/unified && exec "$0" "$@"',
    ])
    expect(prefixOn?.({ cgroups: { kind: 'v1', controllers } })).toEqual([])
    expect(prefixOn?.({ cgroups: { kind: 'v2', controllers, unified: '/sys/fs/cgroup' } })).toEqual([])
  })

  test('a mount point with odd characters stays one word', () => {
    const prefix = profileNamed('crun')?.prefixOn({
      cgroups: { kind: 'hybrid', controllers, unified: '/c g/$x' },
    })
    expect(prefix?.at(-1)).toBe(`mount -t tmpfs none '/c g/$x' && exec "$0" "$@"`)
  })

  test('a version lacks what came with a later one', () => {
    const profile = {
      ...genericProfile('own', '/own'),
      lacks: ['top'],
      offersSince: { features: '1.8.6' },
    } as const
    expect(lackedBy(profile, '1.8.1')).toEqual(['top', 'features'])
    expect(lackedBy(profile, '1.8.6')).toEqual(['top'])
    expect(lackedBy(profile, '1.28')).toEqual(['top'])
    expect(lackedBy(profile, undefined)).toEqual(['top'])
  })
})
