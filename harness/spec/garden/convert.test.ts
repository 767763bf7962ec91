import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capabilityNames } from '../tables/capabilities.ts'
import { validateSpec } from '../validate/validate.ts'
import type { GardenContainer } from './container.ts'
import { gardenToOciSpec } from './convert.ts'
import { GardenError } from './errors.ts'
import type { GardenHost } from './host.ts'
import { gardenMaskedPaths, gardenReadonlyPaths } from './masked-paths.ts'
import type { Privilege } from './privilege.ts'
import { gardenSeccompProfile } from './seccomp.ts'

const host: GardenHost = {
  initBinary: '/opt/init',
  uidMap: [{ inside: 0, outside: 0, size: 1000 }],
  gidMap: [{ inside: 0, outside: 0, size: 2000 }],
  capabilities: capabilityNames,
  cgroup: 'v1',
  cgroupNamespace: true,
  swapAccounting: true,
  exists: () => true,
}

const minimal: GardenContainer = { handle: 'a', rootFSPath: 'raw:///srv/rootfs' }

const full: Privilege = { kind: 'privileged', mode: 'full' }
const ignore: Privilege = { kind: 'privileged', mode: 'ignore' }
const fuseOnly: Privilege = { kind: 'privileged', mode: 'fuse-only' }

function convert(change: Partial<GardenContainer> = {}, facts: Partial<GardenHost> = {}) {
  return gardenToOciSpec({ ...minimal, ...change }, { ...host, ...facts })
}

function namespacesOf(privilege: Privilege, facts: Partial<GardenHost> = {}) {
  return convert({ privilege }, facts).linux?.namespaces?.map(({ type }) => type)
}

describe('gardenToOciSpec', () => {
  test('takes what the container says', () => {
    expect(
      convert({
        env: ['A=1', 'PATH=/bin'],
        properties: { key: 'value' },
        user: { uid: 5, gid: 6 },
        hooks: { prestart: [{ path: '/bin/hook' }] },
        limits: { cpu: { weight: 10 }, memory: { limitInBytes: 20 }, pid: { max: 30 } },
        deviceRules: ['c 10:200 rw'],
      }),
    ).toMatchObject({
      hostname: 'a',
      root: { path: '/srv/rootfs' },
      annotations: { key: 'value' },
      hooks: { prestart: [{ path: '/bin/hook' }] },
      process: {
        args: ['/tmp/gdn-init'],
        cwd: '/',
        env: ['A=1', 'PATH=/bin'],
        user: { uid: 5, gid: 6 },
        terminal: false,
      },
      linux: {
        cgroupsPath: 'garden/a',
        resources: {
          cpu: { shares: 10 },
          memory: { limit: 20, swap: 20 },
          pids: { limit: 30 },
          devices: [
            { allow: false, access: 'rwm' },
            { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' },
            { allow: true, type: 'c', major: 10, minor: 200, access: 'rw' },
          ],
        },
      },
    })
  })

  test('an unprivileged container has a user namespace with mappings of the host', () => {
    const { linux } = convert()
    expect(linux?.namespaces?.map(({ type }) => type)).toContain('user')
    expect(linux?.uidMappings).toEqual([
      { containerID: 0, hostID: 999, size: 1 },
      { containerID: 1, hostID: 1, size: 998 },
    ])
    expect(linux?.gidMappings?.[0]).toEqual({ containerID: 0, hostID: 1999, size: 1 })
  })

  test.each<[Privilege, string[]]>([
    [{ kind: 'unprivileged' }, ['pid', 'ipc', 'uts', 'mount', 'network', 'user', 'cgroup']],
    [ignore, ['pid', 'ipc', 'uts', 'mount', 'network', 'user', 'cgroup']],
    [fuseOnly, ['pid', 'ipc', 'uts', 'mount', 'network', 'user', 'cgroup']],
    [full, ['pid', 'ipc', 'uts', 'mount', 'network']],
  ])('%o has the namespaces %j', (privilege, namespaces) => {
    expect(namespacesOf(privilege)).toEqual(namespaces)
  })

  test('a host without cgroup namespaces gives none', () => {
    expect(namespacesOf({ kind: 'unprivileged' }, { cgroupNamespace: false })).not.toContain('cgroup')
  })

  test('a full container is where the host is', () => {
    const { linux, process } = convert({ privilege: full })
    expect(linux).toMatchObject({ maskedPaths: [], readonlyPaths: [] })
    expect(linux).not.toHaveProperty('uidMappings')
    expect(linux).not.toHaveProperty('gidMappings')
    expect(linux).not.toHaveProperty('seccomp')
    expect(linux).not.toHaveProperty('cgroupsPath')
    expect(process?.noNewPrivileges).toBe(false)
  })

  test.each([{ privilege: ignore }, { privilege: fuseOnly }, {}])(
    '%o hides what the kernel tells',
    (change) => {
      const { linux } = convert(change)
      expect(linux?.maskedPaths).toEqual(gardenMaskedPaths)
      expect(linux?.readonlyPaths).toEqual(gardenReadonlyPaths)
    },
  )

  test('hides what it is told to hide', () => {
    const { linux } = convert({ maskedPaths: ['/proc/keys'], readonlyPaths: [] })
    expect(linux).toMatchObject({ maskedPaths: ['/proc/keys'], readonlyPaths: [] })
  })

  test('refuses paths and properties a configuration cannot have', () => {
    expect(() => convert({ maskedPaths: ['/a', 'b'] })).toThrow(
      "maskedPaths[1] must be an absolute path: 'b'",
    )
    expect(() => convert({ readonlyPaths: [''] })).toThrow("readonlyPaths[0] must be an absolute path: ''")
    expect(() => convert({ properties: { '': 'x' } })).toThrow("the property with the value 'x' has no name")
  })

  test('filters system calls by privilege', () => {
    expect(convert().linux?.seccomp).toEqual(gardenSeccompProfile('default'))
    expect(convert({ privilege: ignore }).linux?.seccomp).toEqual(gardenSeccompProfile('default'))
    expect(convert({ privilege: fuseOnly }).linux?.seccomp).toEqual(gardenSeccompProfile('fuse'))
  })

  test('there is a /dev/fuse where privilege says so', () => {
    const node = { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }
    expect(convert().linux?.devices).toEqual([])
    expect(convert({ privilege: ignore }).linux?.devices).toEqual([])
    expect(convert({ privilege: fuseOnly }).linux?.devices).toEqual([node])
    expect(convert({ privilege: full }).linux?.devices).toEqual([node])
  })

  test('new privileges are barred by default, unless the container or its privilege says otherwise', () => {
    expect(convert().process?.noNewPrivileges).toBe(true)
    expect(convert({ noNewPrivileges: false }).process?.noNewPrivileges).toBe(false)
    expect(convert({ privilege: full, noNewPrivileges: true }).process?.noNewPrivileges).toBe(true)
  })

  test('network mounts come after bind mounts, and must not clash with them', () => {
    const one = { source: '/one', destination: '/etc/hosts' }
    const two = { source: '/two', destination: '/etc/resolv.conf' }
    const mounts = convert({ bindMounts: [two], networkMounts: [one] }).mounts
    expect(mounts?.slice(-2).map(({ source }) => source)).toEqual(['/two', '/one'])
    expect(() => convert({ bindMounts: [one], networkMounts: [one] })).toThrow('are both mounted on')
    expect(() => convert({ networkMounts: [{ source: 'x', destination: '/y' }] })).toThrow('network mount 1')
  })

  test('terminals have their group only where it is mapped', () => {
    const few = { gidMap: [{ inside: 0, outside: 1000, size: 1 }] }
    const options = (facts: Partial<GardenHost>, privilege: Privilege) =>
      convert({ privilege }, facts).mounts?.find(({ destination }) => destination === '/dev/pts')?.options
    expect(options({}, ignore)).toContain('gid=5')
    expect(options(few, ignore)).not.toContain('gid=5')
    expect(options(few, full)).toContain('gid=5')
  })

  test('reports what is wrong in a fixed order', () => {
    const wrong: GardenContainer = {
      handle: '',
      rootFSPath: '',
      bindMounts: [{ source: '', destination: '' }],
      limits: { pid: { max: -1 } },
    }
    const repairs: readonly [string, Partial<GardenContainer>][] = [
      ['handle must be specified', { handle: 'a' }],
      ['rootfs must not be empty', { rootFSPath: 'raw:///srv/rootfs' }],
      ['src and dst must not be empty', { bindMounts: [] }],
      ['limits.pid.max is -1', { limits: {} }],
    ]
    let container = wrong
    for (const [problem, repair] of repairs) {
      expect(() => gardenToOciSpec(container, host)).toThrow(problem)
      container = { ...container, ...repair }
    }
    expect(() => gardenToOciSpec(container, host)).not.toThrow()
  })
})

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('a', '/a', 'raw:///a', '/dev/shm', '/tmp', 'A=1'),
)
const amount = fc.oneof(fc.integer(), fc.bigInt(), fc.double())
const bind = fc.record(
  { source: text, destination: text, mode: fc.constantFrom('ro' as const, 'rw' as const) },
  { requiredKeys: ['source', 'destination'] },
)
const privilege = fc.constantFrom<Privilege>({ kind: 'unprivileged' }, full, ignore, fuseOnly)
const anyContainer: fc.Arbitrary<GardenContainer> = fc.record(
  {
    handle: fc.oneof(text, fc.constant('a')),
    rootFSPath: fc.oneof(text, fc.constant('raw:///a')),
    image: fc.record({ uri: text }),
    privilege,
    bindMounts: fc.array(bind, { maxLength: 3 }),
    networkMounts: fc.array(bind, { maxLength: 2 }),
    env: fc.array(text, { maxLength: 3 }),
    properties: fc.dictionary(text, text),
    limits: fc.record({ pid: fc.record({ max: amount }), memory: fc.record({ limitInBytes: amount }) }),
    deviceRules: fc.array(fc.oneof(text, fc.constant('c 1:3 rwm')), { maxLength: 2 }),
    user: fc.record({ uid: fc.integer(), gid: fc.nat() }),
    rlimits: fc.record({ RLIMIT_CORE: fc.record({ soft: amount, hard: amount }) }),
    hooks: fc.record({
      poststop: fc.array(fc.record({ path: text, timeout: fc.integer() }), { maxLength: 2 }),
    }),
    maskedPaths: fc.array(text),
    readonlyPaths: fc.array(text),
  },
  { requiredKeys: ['handle'] },
)

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/)
const directory = name.map((last) => `/srv/${last}`)
const goodBind = fc.record({
  source: directory,
  destination: directory,
  mode: fc.constantFrom('ro' as const, 'rw' as const),
})
const goodLimit = fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }))
const goodId = fc.integer({ min: 0, max: 2 ** 32 - 2 })
const goodContainer: fc.Arbitrary<GardenContainer> = fc.record(
  {
    handle: name,
    rootFSPath: directory.map((path) => `raw://${path}`),
    privilege,
    bindMounts: fc.uniqueArray(goodBind, { selector: (mount) => mount.destination, maxLength: 3 }),
    env: fc.uniqueArray(name, { maxLength: 3 }).map((names) => names.map((known) => `${known}=1`)),
    properties: fc.dictionary(name, fc.string()),
    limits: fc.record({
      cpu: fc.record({ weight: goodLimit, limitInShares: goodLimit }),
      memory: fc.record({ limitInBytes: goodLimit }),
      pid: fc.record({ max: goodLimit }),
    }),
    deviceRules: fc.array(fc.constantFrom('c 10:200 rwm', 'b *:* m', 'a *:* r')),
    user: fc.record({ uid: goodId, gid: goodId, additionalGids: fc.array(goodId) }),
    rlimits: fc.record({ RLIMIT_CORE: fc.constant({ soft: 0, hard: 2n ** 64n - 1n }) }),
    hooks: fc.record({ poststop: fc.array(fc.record({ path: directory, timeout: fc.integer({ min: 1 }) })) }),
    noNewPrivileges: fc.boolean(),
    maskedPaths: fc.array(directory),
    readonlyPaths: fc.array(directory),
  },
  { requiredKeys: ['handle', 'rootFSPath'] },
)

/** Good but for one member, which may be anything of its type. */
const spoiltContainer: fc.Arbitrary<GardenContainer> = fc
  .tuple(goodContainer, anyContainer)
  .chain(([good, any]) =>
    fc.constantFrom(...Object.entries(any)).map(([member, value]) => ({ ...good, [member]: value })),
  )

/** Every object and list below a value. */
function partsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(partsOf)]
}

describe('whatever it is given', () => {
  test('a container nothing is wrong with becomes a configuration nothing is wrong with', () => {
    fc.assert(
      fc.property(goodContainer, (container) => {
        expect(validateSpec(gardenToOciSpec(container, host))).toEqual([])
      }),
    )
  })

  test('it makes a valid configuration, or throws one of its own errors, and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.oneof(anyContainer, spoiltContainer), (container) => {
        const before = structuredClone(container)
        try {
          expect(validateSpec(gardenToOciSpec(container, host))).toEqual([])
        } catch (error) {
          expect(error).toBeInstanceOf(GardenError)
        }
        expect(container).toEqual(before)
      }),
    )
  })

  test('it shares nothing with its input, nor with another result', () => {
    const hooks = { prestart: [{ path: '/bin/hook', args: ['a'], env: ['B=1'] }] }
    fc.assert(
      fc.property(privilege, (kind) => {
        const container: GardenContainer = {
          ...minimal,
          privilege: kind,
          bindMounts: [{ source: '/s', destination: '/d' }],
          properties: { a: 'b' },
          user: { uid: 1, gid: 1, additionalGids: [2] },
          env: ['A=1'],
          hooks,
          maskedPaths: ['/proc/keys'],
        }
        const others = new Set([...partsOf(container), ...partsOf(gardenToOciSpec(container, host))])
        const shared = partsOf(gardenToOciSpec(container, host)).filter((part) => others.has(part))
        expect(shared).toEqual([])
      }),
    )
  })
})
