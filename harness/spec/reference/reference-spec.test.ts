import { describe, expect, test } from 'vitest'
import { parseJson } from '../json/document.ts'
import { ociArchitecture } from '../tables/architectures.ts'
import { validateSpec } from '../validate/validate.ts'
import { type CurrentProfile, profileOf, referenceProfiles } from './profile.ts'
import { type ReferenceOptions, referenceSpec, referenceSpecText } from './reference-spec.ts'

const profiles: readonly CurrentProfile[] = ['runc-1.0', 'runc-1.1', 'runc-1.2', 'crun-1.8', 'crun']
const names = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']

const all: readonly ReferenceOptions[] = profiles.flatMap((profile) =>
  (['v1', 'v2', 'hybrid'] as const).flatMap((cgroup) => [
    { profile, cgroup },
    { profile, cgroup, rootless: { uid: 1000, gid: 1001 } },
  ]),
)

describe('every reference configuration', () => {
  test('is one of a listed profile', () => {
    expect([...referenceProfiles].sort()).toEqual([...profiles, 'runc-1.0.0-rc3'].sort())
  })

  test.for(all)('$profile $cgroup $rootless is sound, and its text holds it', (options) => {
    const errors = validateSpec(referenceSpec(options)).filter(({ severity }) => severity === 'error')
    expect(errors).toEqual([])
    expect(parseJson(referenceSpecText(options))).toEqual(referenceSpec(options))
  })

  test('is a new one each time', () => {
    const spec = referenceSpec({ profile: 'runc-1.1', cgroup: 'v1' })
    spec.process?.args?.push('changed')
    spec.process?.capabilities?.bounding?.pop()
    spec.mounts?.pop()
    const again = referenceSpec({ profile: 'runc-1.1', cgroup: 'v1' })
    expect(again.process?.args).toEqual(['sh'])
    expect(again.process?.capabilities).toEqual({
      bounding: names,
      effective: names,
      permitted: names,
      ambient: names,
    })
    expect(again.mounts).toHaveLength(7)
  })

  test('takes the version of a build', () => {
    expect(referenceSpec({ profile: 'runc-1.2', cgroup: 'v1', ociVersion: '1.2.1' }).ociVersion).toBe('1.2.1')
  })
})

describe('what distinguishes them', () => {
  test.for<[profile: CurrentProfile, hostname: string, ociVersion: string, sets: object]>([
    [
      'runc-1.0',
      'runc',
      '1.0.2-dev',
      { bounding: names, effective: names, inheritable: names, permitted: names, ambient: names },
    ],
    [
      'runc-1.1',
      'runc',
      '1.0.2-dev',
      { bounding: names, effective: names, permitted: names, ambient: names },
    ],
    ['runc-1.2', 'runc', '1.2.0', { bounding: names, effective: names, permitted: names }],
    [
      'crun',
      'crun',
      '1.0.0',
      { bounding: names, effective: names, inheritable: [], permitted: names, ambient: names },
    ],
  ])('%s', ([profile, hostname, ociVersion, capabilities]) => {
    const spec = referenceSpec({ profile, cgroup: 'hybrid' })
    expect(spec).toMatchObject({ hostname, ociVersion, process: { capabilities } })
    expect(Object.keys(spec.process?.capabilities ?? {})).toEqual(Object.keys(capabilities))
    expect(spec.linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'network', 'ipc', 'uts', 'mount'])
  })

  test('only on cgroup v2 is there a cgroup namespace', () => {
    const types = (options: ReferenceOptions) =>
      referenceSpec(options).linux?.namespaces?.map(({ type }) => type)
    expect(types({ profile: 'runc-1.1', cgroup: 'v2' })).toEqual([
      'pid',
      'network',
      'ipc',
      'uts',
      'mount',
      'cgroup',
    ])
    expect(types({ profile: 'crun', cgroup: 'v2', rootless: true })).toEqual([
      'pid',
      'network',
      'ipc',
      'uts',
      'user',
      'cgroup',
      'mount',
    ])
    expect(types({ profile: 'runc-1.1', cgroup: 'v2', rootless: true })).toEqual([
      'pid',
      'ipc',
      'uts',
      'mount',
      'cgroup',
      'user',
    ])
  })

  test('runc without root maps the user, binds /sys, and sets no limits or owners', () => {
    const spec = referenceSpec({ profile: 'runc-1.1', cgroup: 'v1', rootless: { uid: 1000, gid: 1001 } })
    expect(spec.linux).toMatchObject({
      uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: 1001, size: 1 }],
    })
    expect(spec.linux).not.toHaveProperty('resources')
    expect(spec.mounts?.[5]).toEqual({
      destination: '/sys',
      type: 'none',
      source: '/sys',
      options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
    })
    expect(spec.mounts?.[2]?.options).not.toContain('gid=5')
  })

  test('crun without root leaves mappings to itself, and keeps the rest', () => {
    const spec = referenceSpec({ profile: 'crun', cgroup: 'v1', rootless: true })
    expect(spec.linux).not.toHaveProperty('uidMappings')
    expect(spec.linux).toHaveProperty('resources')
    expect(spec.mounts?.[2]?.options).not.toContain('gid=5')
    expect(spec.mounts?.[5]?.type).toBe('sysfs')
  })

  test("crun's layout is its own", () => {
    const text = referenceSpecText({ profile: 'crun-1.8', cgroup: 'v2' })
    expect(text.startsWith('  {\n\t"ociVersion"')).toBe(true)
    expect(text).toContain('"inheritable": [\n\t\t\t],')
    expect(text).toContain('"type": "cgroup"\n \t\t\t},')
    expect(text.endsWith('}\n')).toBe(true)
    expect(referenceSpecText({ profile: 'crun', cgroup: 'v2' }).startsWith('{\n')).toBe(true)
  })
})

test('at 1.0.0-rc3 there was a platform, and one list of capabilities', () => {
  const text = referenceSpecText({ profile: 'runc-1.0.0-rc3' })
  expect(text.startsWith('{\n\t"ociVersion": "1.0.0-rc3",\n\t"platform": {\n\t\t"os": "linux",')).toBe(true)
  expect(text.endsWith('\n}')).toBe(true)
  const spec = referenceSpec({ profile: 'runc-1.0.0-rc3' })
  expect(spec.platform.arch).toBe(ociArchitecture())
  expect(referenceSpec({ profile: 'runc-1.0.0-rc3', architecture: 'arm64' }).platform.arch).toBe('arm64')
  expect(spec.process?.capabilities).toEqual(names)
  expect(spec.process?.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }])
  expect(Object.keys(spec)).toEqual([
    'ociVersion',
    'platform',
    'process',
    'root',
    'hostname',
    'mounts',
    'hooks',
    'linux',
  ])
  expect(spec.linux?.maskedPaths).toHaveLength(6)
  expect(spec.linux?.readonlyPaths).toEqual([
    '/proc/asound',
    '/proc/bus',
    '/proc/fs',
    '/proc/irq',
    '/proc/sys',
    '/proc/sysrq-trigger',
  ])
})

test.for<[program: string, version: string, profile: string | undefined]>([
  ['runc', '1.1.5+ds1', 'runc-1.1'],
  ['runc', '1.1.1', 'runc-1.0'],
  ['runc', '1.0.3', 'runc-1.0'],
  ['runc', '1.2.0-rc.1', 'runc-1.2'],
  ['runc', '1.10.0', 'runc-1.2'],
  ['runc', '1.0.0-rc93', 'runc-1.0'],
  ['runc', '0.1.1', undefined],
  ['crun', '1.8.1', 'crun-1.8'],
  ['crun', '1.21', 'crun'],
  ['youki', '0.5.0', undefined],
])('%s %s prints %s', ([program, version, profile]) => {
  expect(profileOf(program, version)).toBe(profile)
})
