import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { withoutValue, withValue } from '../edits/value.ts'
import { sound, specs } from '../spec.fixture.ts'
import { featuresSchema } from './features.ts'
import { oldSpecSchema } from './old-spec.ts'
import { specSchema } from './spec.ts'
import { stateSchema } from './state.ts'

const good: readonly (readonly [path: string, value: unknown])[] = [
  ['process.rlimits[0].hard', 2n ** 64n - 1n],
  ['linux.resources.memory', { limit: -1, swap: 2n ** 63n - 1n }],
  ['linux.resources.memory', { limit: -(2n ** 63n) }],
  ['linux.devices[0].fileMode', 0o4755],
  ['linux.resources.pids', {}],
  ['linux.netDevices', { eth0: { name: 'lan0' } }],
  ['linux.intelRdt', { closID: '/', schemata: ['L3:0=f'], enableMonitoring: true }],
  ['linux.memoryPolicy', { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }],
  ['linux.timeOffsets', { monotonic: { secs: -5, nanosecs: 1 } }],
  ['linux.personality', { domain: 'LINUX32' }],
  [
    'linux.seccomp',
    { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['read'], action: 'SCMP_ACT_LOG' }] },
  ],
  ['process.scheduler', { policy: 'SCHED_DEADLINE', runtime: 2n ** 60n }],
  ['process.ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 4 }],
  ['process.execCPUAffinity', { initial: '0-3, 7' }],
  ['hooks', { createRuntime: [{ path: '/bin/true', timeout: 1 }] }],
  ['x-unknown', { anything: [null] }],
  ['process.x-unknown', null],
  ['hostname', undefined],
  ['windows', { layerFolders: [] }],
]

const bad: readonly (readonly [path: string, value: unknown])[] = [
  ['ociVersion', 1],
  ['process', []],
  ['process.args', 'sh'],
  ['process.args', [1]],
  ['process.terminal', 'yes'],
  ['process.user.uid', -1],
  ['process.user.uid', 2 ** 32],
  ['process.user', { uid: 0 }],
  ['process.rlimits[0].hard', 2n ** 64n],
  ['process.rlimits[0].hard', 2 ** 60],
  ['process.rlimits[0].hard', -1],
  ['process.rlimits[0].type', 'NOFILE'],
  ['process.ioPriority', { class: 'IOPRIO_CLASS_BE' }],
  ['linux.resources.memory', { limit: -(2n ** 63n) - 1n }],
  ['linux.resources.memory', { limit: 1.5 }],
  ['linux.resources.hugepageLimits', [{ pageSize: '2048kB', limit: 1 }]],
  ['linux.namespaces[0].type', 'mnt'],
  ['linux.rootfsPropagation', 'rslave'],
  ['linux.seccomp', {}],
  ['linux.seccomp', { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [], action: 'SCMP_ACT_LOG' }] }],
  ['linux.intelRdt', { memBwSchema: 'MB:0=1\n' }],
  ['hooks', { createRuntime: [{ path: '/bin/true', timeout: 0 }] }],
  ['annotations', { a: 1 }],
  ['annotations', ['a']],
  ['annotations.constructor', 1],
  ['annotations.__proto__', 1],
  ['mounts[0].options', null],
]

describe('the schema of a configuration', () => {
  test('accepts the sound one', () => {
    expect(v.is(specSchema, sound)).toBe(true)
  })

  test.for(good)('accepts %s = %o', ([path, value]) => {
    expect(v.is(specSchema, withValue(path, value)(sound))).toBe(true)
  })

  test.for(bad)('refuses %s = %o', ([path, value]) => {
    expect(v.is(specSchema, withValue(path, value)(sound))).toBe(false)
  })

  test.for([
    'ociVersion',
    'process.cwd',
    'root.path',
    'mounts[0].destination',
    'linux.devices[0].path',
    'linux.resources.devices[0].allow',
  ])('refuses a configuration without %s', (path) => {
    expect(v.is(specSchema, withoutValue(path)(sound))).toBe(false)
  })

  test.for([
    'process',
    'process.args',
    'process.user',
    'root',
    'mounts',
    'hostname',
    'linux',
    'linux.namespaces',
  ])('accepts a configuration without %s', (path) => {
    expect(v.is(specSchema, withoutValue(path)(sound))).toBe(true)
  })

  test('changes nothing it is given', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const before = structuredClone(spec)
        v.safeParse(specSchema, spec)
        expect(spec).toEqual(before)
      }),
      { numRuns: 20 },
    )
  })
})

test('configurations before 1.0.0-rc5 have a platform and one list of capabilities', () => {
  const old = {
    ociVersion: '1.0.0-rc3',
    platform: { os: 'linux', arch: 'amd64' },
    process: { cwd: '/', capabilities: ['CAP_KILL'] },
  }
  expect(v.is(oldSpecSchema, old)).toBe(true)
  expect(v.is(specSchema, old)).toBe(false)
  expect(v.is(oldSpecSchema, sound)).toBe(false)
})

test('a state may have a status and members of the runtime', () => {
  const state = { ociVersion: '1.0.2', id: 'a', status: 'running', pid: 1, bundle: '/b' }
  expect(v.is(stateSchema, state)).toBe(true)
  expect(v.is(stateSchema, { ...state, status: 'paused', rootfs: '/b/rootfs', extra: 1 })).toBe(true)
  expect(v.is(stateSchema, { ...state, pid: '1' })).toBe(false)
  expect(v.is(stateSchema, { ...state, id: undefined })).toBe(false)
})

test('in the features, null means unknown', () => {
  const features = { ociVersionMin: '1.0.0', ociVersionMax: '1.3.0' }
  expect(v.is(featuresSchema, features)).toBe(true)
  expect(v.is(featuresSchema, { ...features, hooks: null, linux: { seccomp: { actions: null } } })).toBe(true)
  expect(v.is(featuresSchema, { ...features, linux: { seccomp: { actions: 'all' } } })).toBe(false)
})
