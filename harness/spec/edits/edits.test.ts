import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeepReadonly } from '../schema/readonly.ts'
import type { Spec } from '../schema/spec.ts'
import { freeze, sound, specs } from '../spec.fixture.ts'
import { validateSpec } from '../validate/validate.ts'
import {
  addBindMount,
  addMount,
  addTmpfs,
  readonlyRoot,
  withAnnotation,
  withDomainname,
  withHook,
  withHostname,
  withoutMount,
  withRoot,
} from './document.ts'
import { changing, combine, type Edit, edit } from './edit.ts'
import {
  addDevice,
  addDeviceRule,
  addMaskedPaths,
  addNamespace,
  addReadonlyPaths,
  joinNamespace,
  withCgroupsPath,
  withLinux,
  withoutNamespace,
  withSeccomp,
  withSysctl,
  withUserNamespace,
} from './linux.ts'
import {
  addCapabilities,
  dropCapabilities,
  withArgs,
  withCapabilities,
  withCwd,
  withEnv,
  withNoNewPrivileges,
  withOomScoreAdj,
  withProcess,
  withRlimit,
  withTerminal,
  withUser,
} from './process.ts'
import { withCpuLimits, withMemoryLimit, withPidsLimit, withResources, withUnified } from './resources.ts'

const empty: DeepReadonly<Spec> = Object.freeze({ ociVersion: '1.3.0' })
const rule = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' }
const deny = { allow: false, access: 'rwm' }
const fuse = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 } as const
const hook = { path: '/bin/true', args: ['true'] }
const map = { containerID: 0, hostID: 100000, size: 65536 }
const names = ['CAP_KILL']

/** What an edit makes of the sound configuration, and of one that has nothing. */
const table: readonly (readonly [name: string, change: Edit, sound: object, empty: object])[] = [
  [
    'withArgs',
    withArgs('echo', 'hi'),
    { process: { args: ['echo', 'hi'] } },
    { process: { cwd: '/', args: ['echo', 'hi'] } },
  ],
  ['withCwd', withCwd('/tmp'), { process: { cwd: '/tmp' } }, { process: { cwd: '/tmp' } }],
  [
    'withProcess',
    withProcess({ apparmorProfile: 'p' }),
    { process: { apparmorProfile: 'p' } },
    { process: { cwd: '/', apparmorProfile: 'p' } },
  ],
  [
    'withEnv',
    withEnv({ PATH: '/sbin', A: '1', GONE: undefined }),
    { process: { env: ['PATH=/sbin', 'A=1'] } },
    { process: { cwd: '/', env: ['PATH=/sbin', 'A=1'] } },
  ],
  [
    'withEnv, out',
    withEnv({ PATH: undefined }),
    { process: { env: [] } },
    { process: { cwd: '/', env: [] } },
  ],
  [
    'withUser',
    withUser({ uid: 5 }),
    { process: { user: { uid: 5, gid: 0 } } },
    { process: { cwd: '/', user: { uid: 5, gid: 0 } } },
  ],
  [
    'withTerminal',
    withTerminal(),
    { process: { terminal: true } },
    { process: { cwd: '/', terminal: true } },
  ],
  [
    'withTerminal of a size',
    withTerminal({ height: 24, width: 80 }),
    { process: { terminal: true, consoleSize: { height: 24, width: 80 } } },
    { process: { cwd: '/', terminal: true, consoleSize: { height: 24, width: 80 } } },
  ],
  [
    'withRlimit',
    withRlimit('RLIMIT_NOFILE', 5),
    { process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 5, hard: 5 }] } },
    { process: { cwd: '/', rlimits: [{ type: 'RLIMIT_NOFILE', soft: 5, hard: 5 }] } },
  ],
  [
    'withRlimit of another type',
    withRlimit('RLIMIT_CORE', 0, 2n ** 64n - 1n),
    {
      process: {
        rlimits: [
          { type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 2n ** 64n - 1n },
        ],
      },
    },
    { process: { cwd: '/', rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 2n ** 64n - 1n }] } },
  ],
  [
    'withCapabilities by name',
    withCapabilities(['CAP_BPF']),
    { process: { capabilities: { bounding: ['CAP_BPF'], effective: ['CAP_BPF'], permitted: ['CAP_BPF'] } } },
    {
      process: {
        cwd: '/',
        capabilities: { bounding: ['CAP_BPF'], effective: ['CAP_BPF'], permitted: ['CAP_BPF'] },
      },
    },
  ],
  [
    'withCapabilities by set',
    withCapabilities({ bounding: ['CAP_BPF'] }),
    { process: { capabilities: { bounding: ['CAP_BPF'] } } },
    { process: { cwd: '/', capabilities: { bounding: ['CAP_BPF'] } } },
  ],
  [
    'addCapabilities',
    addCapabilities('CAP_KILL', 'CAP_BPF'),
    {
      process: {
        capabilities: {
          bounding: ['CAP_KILL', 'CAP_BPF'],
          effective: ['CAP_KILL', 'CAP_BPF'],
          permitted: ['CAP_KILL', 'CAP_BPF'],
        },
      },
    },
    {
      process: {
        cwd: '/',
        capabilities: {
          bounding: ['CAP_KILL', 'CAP_BPF'],
          effective: ['CAP_KILL', 'CAP_BPF'],
          permitted: ['CAP_KILL', 'CAP_BPF'],
        },
      },
    },
  ],
  [
    'dropCapabilities',
    dropCapabilities('CAP_KILL', 'CAP_BPF'),
    { process: { capabilities: { bounding: [], effective: [], permitted: [] } } },
    { process: { cwd: '/' } },
  ],
  [
    'withNoNewPrivileges',
    withNoNewPrivileges(),
    { process: { noNewPrivileges: true } },
    { process: { cwd: '/', noNewPrivileges: true } },
  ],
  [
    'withOomScoreAdj',
    withOomScoreAdj(-5),
    { process: { oomScoreAdj: -5 } },
    { process: { cwd: '/', oomScoreAdj: -5 } },
  ],
  ['withHostname', withHostname('h'), { hostname: 'h' }, { hostname: 'h' }],
  ['withDomainname', withDomainname('d'), { domainname: 'd' }, { domainname: 'd' }],
  ['withRoot', withRoot('/r'), { root: { path: '/r' } }, { root: { path: '/r' } }],
  [
    'readonlyRoot',
    readonlyRoot(),
    { root: { path: 'rootfs', readonly: true } },
    { root: { path: 'rootfs', readonly: true } },
  ],
  [
    'readonlyRoot, not',
    readonlyRoot(false),
    { root: { path: 'rootfs', readonly: false } },
    { root: { path: 'rootfs', readonly: false } },
  ],
  ['withAnnotation', withAnnotation('a', 'b'), { annotations: { a: 'b' } }, { annotations: { a: 'b' } }],
  ['withAnnotation, out', withAnnotation('a', undefined), { annotations: {} }, { annotations: {} }],
  [
    'addMount',
    addMount({ destination: '/m' }),
    { mounts: [...(sound.mounts ?? []), { destination: '/m' }] },
    { mounts: [{ destination: '/m' }] },
  ],
  [
    'addBindMount',
    addBindMount('/s', '/d', 'ro'),
    {
      mounts: [
        ...(sound.mounts ?? []),
        { destination: '/d', type: 'none', source: '/s', options: ['bind', 'ro'] },
      ],
    },
    { mounts: [{ destination: '/d', type: 'none', source: '/s', options: ['bind', 'ro'] }] },
  ],
  [
    'addBindMount of a tree',
    addBindMount('/s', '/d', 'rbind'),
    {
      mounts: [
        ...(sound.mounts ?? []),
        { destination: '/d', type: 'none', source: '/s', options: ['rbind'] },
      ],
    },
    { mounts: [{ destination: '/d', type: 'none', source: '/s', options: ['rbind'] }] },
  ],
  [
    'addTmpfs',
    addTmpfs('/t', 'size=1m'),
    {
      mounts: [
        ...(sound.mounts ?? []),
        { destination: '/t', type: 'tmpfs', source: 'tmpfs', options: ['size=1m'] },
      ],
    },
    { mounts: [{ destination: '/t', type: 'tmpfs', source: 'tmpfs', options: ['size=1m'] }] },
  ],
  ['withoutMount', withoutMount('/proc'), { mounts: [sound.mounts?.[1]] }, { mounts: [] }],
  ['withHook', withHook('poststop', hook), { hooks: { poststop: [hook] } }, { hooks: { poststop: [hook] } }],
  [
    'withLinux',
    withLinux({ mountLabel: 'l' }),
    { linux: { mountLabel: 'l' } },
    { linux: { mountLabel: 'l' } },
  ],
  [
    'addNamespace',
    addNamespace('pid'),
    { linux: { namespaces: [{ type: 'uts' }, { type: 'mount' }, { type: 'pid' }] } },
    { linux: { namespaces: [{ type: 'pid' }] } },
  ],
  [
    'joinNamespace',
    joinNamespace('uts', '/proc/1/ns/uts'),
    { linux: { namespaces: [{ type: 'uts', path: '/proc/1/ns/uts' }, { type: 'mount' }] } },
    { linux: { namespaces: [{ type: 'uts', path: '/proc/1/ns/uts' }] } },
  ],
  [
    'withoutNamespace',
    withoutNamespace('uts'),
    { linux: { namespaces: [{ type: 'mount' }] } },
    { linux: { namespaces: [] } },
  ],
  [
    'withUserNamespace',
    withUserNamespace([map]),
    {
      linux: {
        namespaces: [{ type: 'uts' }, { type: 'mount' }, { type: 'user' }],
        uidMappings: [map],
        gidMappings: [map],
      },
    },
    { linux: { namespaces: [{ type: 'user' }], uidMappings: [map], gidMappings: [map] } },
  ],
  [
    'withCgroupsPath',
    withCgroupsPath('/a/b'),
    { linux: { cgroupsPath: '/a/b' } },
    { linux: { cgroupsPath: '/a/b' } },
  ],
  [
    'withSysctl',
    withSysctl('kernel.x', '1'),
    { linux: { sysctl: { 'kernel.x': '1' } } },
    { linux: { sysctl: { 'kernel.x': '1' } } },
  ],
  [
    'withSysctl, out',
    withSysctl('kernel.x', undefined),
    { linux: { sysctl: {} } },
    { linux: { sysctl: {} } },
  ],
  ['addDevice', addDevice(fuse), { linux: { devices: [fuse, fuse] } }, { linux: { devices: [fuse] } }],
  [
    'addDeviceRule',
    addDeviceRule(rule),
    { linux: { resources: { devices: [deny, rule] } } },
    { linux: { resources: { devices: [rule] } } },
  ],
  [
    'withSeccomp',
    withSeccomp({ defaultAction: 'SCMP_ACT_ALLOW' }),
    { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } },
    { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } },
  ],
  ['withSeccomp, out', withSeccomp(undefined), {}, { linux: {} }],
  [
    'addMaskedPaths',
    addMaskedPaths('/x'),
    { linux: { maskedPaths: ['/proc/kcore', '/x'] } },
    { linux: { maskedPaths: ['/x'] } },
  ],
  [
    'addReadonlyPaths',
    addReadonlyPaths('/x'),
    { linux: { readonlyPaths: ['/proc/sys', '/x'] } },
    { linux: { readonlyPaths: ['/x'] } },
  ],
  [
    'withMemoryLimit',
    withMemoryLimit(8, { swap: 9 }),
    { linux: { resources: { devices: [deny], memory: { limit: 8, swap: 9 } } } },
    { linux: { resources: { memory: { limit: 8, swap: 9 } } } },
  ],
  [
    'withPidsLimit',
    withPidsLimit(3),
    { linux: { resources: { devices: [deny], pids: { limit: 3 } } } },
    { linux: { resources: { pids: { limit: 3 } } } },
  ],
  [
    'withCpuLimits',
    withCpuLimits({ quota: 1, period: 2 }),
    { linux: { resources: { devices: [deny], cpu: { quota: 1, period: 2 } } } },
    { linux: { resources: { cpu: { quota: 1, period: 2 } } } },
  ],
  [
    'withUnified',
    withUnified('pids.max', '3'),
    { linux: { resources: { devices: [deny], unified: { 'pids.max': '3' } } } },
    { linux: { resources: { unified: { 'pids.max': '3' } } } },
  ],
  [
    'withUnified, out',
    withUnified('pids.max', undefined),
    { linux: { resources: { devices: [deny], unified: {} } } },
    { linux: { resources: { unified: {} } } },
  ],
  [
    'withResources',
    withResources({ rdma: { mlx5_1: { hcaHandles: 1 } } }),
    { linux: { resources: { devices: [deny], rdma: { mlx5_1: { hcaHandles: 1 } } } } },
    { linux: { resources: { rdma: { mlx5_1: { hcaHandles: 1 } } } } },
  ],
]

describe('each edit', () => {
  test.for(table)('%s changes what it says and nothing else', ([, change, onSound, onEmpty]) => {
    const frozen = freeze(structuredClone(sound))
    const edited = change(frozen)
    expect(edited).toMatchObject(onSound)
    expect(change(empty)).toStrictEqual({ ociVersion: '1.3.0', ...onEmpty })
    // Outside the parts that were named, everything is as before.
    const untouched = Object.keys(sound).filter((member) => !(member in onSound))
    for (const member of untouched) expect(Reflect.get(edited, member)).toEqual(Reflect.get(sound, member))
    expect(frozen).toEqual(sound)
  })

  test('leaves any configuration alone and shares nothing with it', () => {
    const edits = table.map(([, change]) => change)
    fc.assert(
      fc.property(specs, fc.constantFrom(...edits), (spec, change) => {
        const edited = change(freeze(spec))
        edited.linux ??= {}
        edited.linux.namespaces = []
        for (const mount of edited.mounts ?? []) mount.destination = 'changed'
        for (const rlimit of edited.process?.rlimits ?? []) rlimit.soft = 7
      }),
      { numRuns: 100 },
    )
  })

  test('of a sound configuration makes a sound one', () => {
    const unsound = ['addDevice', 'withUser']
    const edited = edit(
      sound,
      ...table.filter(([name]) => !unsound.includes(name)).map(([, change]) => change),
    )
    expect(validateSpec(edited).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  test('takes no part of what it was given', () => {
    const mount = { destination: '/m', options: ['ro'] }
    const change = addMount(mount)
    change(empty).mounts?.[0]?.options?.push('changed')
    expect(mount.options).toEqual(['ro'])
    expect(change(empty).mounts?.[0]?.options).toEqual(['ro'])
  })
})

describe('joining edits', () => {
  test('edit applies them from left to right', () => {
    expect(edit(empty, withHostname('a'), withHostname('b'), withDomainname('c'))).toEqual({
      ociVersion: '1.3.0',
      hostname: 'b',
      domainname: 'c',
    })
  })

  test('edit without edits is a copy', () => {
    const copy = edit(sound)
    expect(copy).toEqual(sound)
    expect(copy.process).not.toBe(sound.process)
  })

  test('combine makes one edit of several', () => {
    const both = combine(withHostname('a'), withCwd('/a'))
    expect(both(sound)).toEqual(edit(sound, withHostname('a'), withCwd('/a')))
  })

  test('changing gives its function a copy', () => {
    const change = changing((draft) => {
      draft.mounts = []
    })
    expect(change(sound).mounts).toEqual([])
    expect(sound.mounts).toHaveLength(2)
  })
})

test('capabilities that were dropped and added again are there once', () => {
  const edited = edit(sound, dropCapabilities(...names), addCapabilities(...names), addCapabilities(...names))
  expect(edited.process?.capabilities).toEqual(sound.process?.capabilities)
})

test('a terminal that is taken away takes its size along', () => {
  const edited = edit(sound, withTerminal({ height: 1, width: 2 }), withTerminal(false))
  expect(edited.process).toMatchObject({ terminal: false })
  expect(edited.process).not.toHaveProperty('consoleSize')
})
