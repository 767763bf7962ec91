/** What each kind of garden container promises, seen from inside a real one. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { capabilitiesOfMask } from '../tables/capabilities.ts'
import {
  type ContainerUnderTest,
  execInGardenContainer,
  type Report,
  runGardenContainer,
} from './garden-container.fixture.ts'
import {
  gardenCapabilities,
  gardenMaskedPaths,
  gardenReadonlyPaths,
  type Privilege,
  readGardenHost,
} from './index.ts'

const isRoot = process.geteuid?.() === 0
const host = readGardenHost()

beforeEach((context) => context.skip(!isRoot, 'a container without rootless set-up needs root: run as root'))

/** What a container finds where. */
const facts = {
  status: 'cat /proc/self/status',
  namespaces: 'for n in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$n; done',
  uids: 'cat /proc/self/uid_map',
  gids: 'cat /proc/self/gid_map',
  mounts: 'cat /proc/self/mountinfo',
  cgroups: 'cat /proc/self/cgroup',
  memory: 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max',
  swap: 'cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes || cat /sys/fs/cgroup/memory.swap.max',
  tasks: 'cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max',
  shares: 'cat /sys/fs/cgroup/cpu/cpu.shares || cat /sys/fs/cgroup/cpu.weight',
  limits: 'cat /proc/self/limits',
  hostname: 'hostname',
  environment: 'env',
  command: "tr '\\0' '\\n' < /proc/1/cmdline",
}

/** What a container may be able to do: each command ends 0 when it could. FUSE is last, for it covers /mnt. */
const deeds = {
  'read the keys': 'test -n "$(cat /proc/keys)"',
  'list the firmware': 'test -n "$(ls -A /sys/firmware)"',
  'set a kernel parameter': 'echo probe > /proc/sys/kernel/domainname',
  'make a cgroup': 'cd /sys/fs/cgroup/pids || cd /sys/fs/cgroup; mkdir probe && rmdir probe',
  'make a user namespace': 'unshare -U true',
  'look like 32 bits': 'linux32 uname -m',
  'mount a tmpfs': 'mount -t tmpfs tmpfs /mnt && umount /mnt',
  'see /dev/fuse': 'test -c /dev/fuse',
  'open a foreign device': 'mknod /tmp/kmsg c 1 11 && : < /tmp/kmsg',
  'write to the read-only mount': 'touch /mnt/read-only/file',
  'write to the writable mount': 'touch /mnt/writable/file',
  'write to the network mount': 'echo > /etc/resolv.conf',
  'write to the first program': 'echo >> /tmp/gdn-init',
  'mount FUSE':
    'exec 3<>/dev/fuse && mount -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 probe /mnt && grep "fuse probe" /proc/self/mountinfo',
}
type Deed = keyof typeof deeds

const unconfined: readonly Deed[] = ['write to the writable mount', 'look like 32 bits']
const mounting: readonly Deed[] = ['make a user namespace', 'mount a tmpfs', 'see /dev/fuse', 'mount FUSE']
const administering: readonly Deed[] = [
  'read the keys',
  'list the firmware',
  'set a kernel parameter',
  'make a cgroup',
]

interface Expectation {
  readonly name: string
  readonly privilege: Privilege
  readonly capabilities: readonly string[]
  /** Links below /proc/self/ns that differ from the host's, in the order of the probe. */
  readonly ownNamespaces: readonly string[]
  readonly filtered: boolean
  readonly noNewPrivileges: boolean
  readonly hidesKernelPaths: boolean
  /** All other deeds are beyond it. */
  readonly able: readonly Deed[]
}

const unprivileged: Expectation = {
  name: 'unprivileged',
  privilege: { kind: 'unprivileged' },
  capabilities: gardenCapabilities.unprivileged,
  ownNamespaces: ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'],
  filtered: true,
  noNewPrivileges: true,
  hidesKernelPaths: true,
  able: unconfined,
}

const expectations: readonly Expectation[] = [
  unprivileged,
  { ...unprivileged, name: 'privileged (ignore)', privilege: { kind: 'privileged', mode: 'ignore' } },
  {
    ...unprivileged,
    name: 'privileged (fuse-only)',
    privilege: { kind: 'privileged', mode: 'fuse-only' },
    capabilities: gardenCapabilities.fuseOnly,
    noNewPrivileges: false,
    able: [...unconfined, ...mounting],
  },
  {
    name: 'privileged (full)',
    privilege: { kind: 'privileged', mode: 'full' },
    capabilities: gardenCapabilities.full.filter((capability) => host.capabilities.includes(capability)),
    ownNamespaces: ['ipc', 'mnt', 'net', 'pid', 'uts'],
    filtered: false,
    noNewPrivileges: false,
    hidesKernelPaths: false,
    able: [...unconfined, ...mounting, ...administering],
  },
]

const megabyte = 2 ** 20
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-garden-mounts-'))
  for (const name of ['read-only', 'writable', 'network']) {
    await mkdir(join(directory, name))
    await chmod(join(directory, name), 0o777)
  }
  await chmod(directory, 0o711)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

function containerWith(privilege: Privilege): ContainerUnderTest {
  return {
    privilege,
    bindMounts: [
      { source: join(directory, 'read-only'), destination: '/mnt/read-only' },
      { source: join(directory, 'writable'), destination: '/mnt/writable', mode: 'rw' },
    ],
    networkMounts: [{ source: '/etc/hosts', destination: '/etc/resolv.conf' }],
    env: ['COLOUR=green'],
    properties: { purpose: 'proof' },
    limits: { cpu: { weight: 512 }, memory: { limitInBytes: 48 * megabyte }, pid: { max: 50 } },
    rlimits: { RLIMIT_CORE: { soft: 0, hard: 0 } },
    hooks: {
      createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `cat > ${join(directory, 'state')}`] }],
    },
  }
}

/** Value of a field of /proc/PID/status. */
function statusOf(report: Report, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(\\S+)$`, 'm').exec(report.probe('status').output)?.[1]
}

/** Mount points and what is mounted there, the topmost only. */
function mountsOf(report: Report): ReadonlyMap<string, { readonly options: string; readonly type: string }> {
  const lines = report.probe('mounts').output.trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [, , , , destination = '', options = '', ...rest] = line.split(' ')
      return [destination, { options, type: rest[rest.indexOf('-') + 1] ?? '' }]
    }),
  )
}

describe.each(expectations)('a container that is $name', (expected) => {
  let report: Report

  beforeAll(async () => {
    if (isRoot) report = await runGardenContainer(containerWith(expected.privilege), { ...facts, ...deeds })
  })

  test('has the capabilities of its privilege that the host can grant, and none ambient', () => {
    for (const set of ['CapBnd', 'CapEff', 'CapPrm', 'CapInh']) {
      const held = capabilitiesOfMask(statusOf(report, set) ?? '')
      expect(held.sort(), set).toEqual([...expected.capabilities].sort())
    }
    expect(capabilitiesOfMask(statusOf(report, 'CapAmb') ?? 'ff')).toEqual([])
  })

  test('has its own namespaces, and shares the others', () => {
    const links = report.probe('namespaces').output.trim().split('\n')
    const names = links.map((link) => link.split(':')[0] ?? '')
    const own = links.map((link) => link !== readlinkSync(`/proc/self/ns/${link.split(':')[0]}`))
    const namespaces = names.filter((_, position) => own[position])
    expect(links).toHaveLength(7)
    expect(namespaces).toEqual(expected.ownNamespaces)
  })

  test.each([
    ['uids', '/proc/self/uid_map', host.uidMap],
    ['gids', '/proc/self/gid_map', host.gidMap],
  ] as const)('maps %s: its root is nobody on the host, if it has a user namespace', (probe, file, map) => {
    const lines = report.probe(probe).output.trim().split('\n')
    if (!expected.ownNamespaces.includes('user')) {
      expect(report.probe(probe).output).toBe(readFileSync(file, 'utf8'))
      return
    }
    const largest = Math.max(...map.map(({ inside, size }) => inside + size - 1))
    expect(lines[0]?.trim().split(/\s+/).map(Number)).toEqual([0, largest, 1])
    expect(lines[1]?.trim().split(/\s+/).map(Number).slice(0, 2)).toEqual([1, 1])
  })

  test('filters system calls', () => {
    expect(statusOf(report, 'Seccomp')).toBe(expected.filtered ? '2' : '0')
    expect(statusOf(report, 'NoNewPrivs')).toBe(expected.noNewPrivileges ? '1' : '0')
  })

  test('is able to do what it should, and no more', () => {
    const able = Object.keys(deeds).filter((deed) => report.probe(deed).status === 0)
    expect(able.sort()).toEqual([...expected.able].sort())
  })

  test('has its mounts, each as writable as it was asked to be', () => {
    const mounts = mountsOf(report)
    for (const { destination, options = [] } of report.spec.mounts ?? []) {
      // On a host with cgroup version 1 the runtime puts a tmpfs there, and the controllers into it.
      const place =
        destination === '/sys/fs/cgroup' && host.cgroup === 'v1' ? `${destination}/pids` : destination
      const writable = mounts.get(place)?.options.split(',')[0]
      expect(`${place} ${writable}`).toBe(`${place} ${options.includes('ro') ? 'ro' : 'rw'}`)
    }
    expect(mounts.get('/dev/pts')?.type).toBe('devpts')
    expect(mounts.get('/dev/mqueue')?.type).toBe('mqueue')
  })

  test('hides what the kernel tells about the host', () => {
    const mounts = mountsOf(report)
    const here = (paths: readonly string[]) => paths.filter((path) => existsSync(path))
    expect(here(gardenMaskedPaths).length).toBeGreaterThan(0)
    for (const path of here(gardenMaskedPaths)) {
      expect(`${path} ${mounts.has(path)}`).toBe(`${path} ${expected.hidesKernelPaths}`)
    }
    for (const path of here(gardenReadonlyPaths)) {
      expect(`${path} ${mounts.get(path)?.options.startsWith('ro,') ?? false}`).toBe(
        `${path} ${expected.hidesKernelPaths}`,
      )
    }
  })

  test('is limited', () => {
    expect(Number(report.probe('memory').output.trim())).toBe(48 * megabyte)
    // Version 1 counts memory and swap together, version 2 swap alone.
    const swap = host.cgroup === 'v1' ? 48 * megabyte : 0
    if (host.swapAccounting) expect(Number(report.probe('swap').output.trim())).toBe(swap)
    expect(report.probe('tasks').output.trim()).toBe('50')
    // Version 2 has weights instead of shares, and runtimes differ in how they convert; 100 is the default.
    if (host.cgroup === 'v1') expect(report.probe('shares').output.trim()).toBe('512')
    else expect(report.probe('shares').output.trim()).not.toBe('100')
    expect(report.probe('limits').output).toMatch(/^Max open files +1024 +1024 /m)
    expect(report.probe('limits').output).toMatch(/^Max core file size +0 +0 /m)
  })

  test('sees a cgroup of its own as the root where it has the namespace for it', () => {
    const paths = report
      .probe('cgroups')
      .output.trim()
      .split('\n')
      .map((line) => line.split(':')[2])
    expect(paths.every((path) => path === '/')).toBe(expected.ownNamespaces.includes('cgroup'))
    if (!expected.ownNamespaces.includes('cgroup')) {
      expect(paths.every((path) => path?.endsWith(`/${report.spec.hostname}`))).toBe(true)
    }
  })

  test('runs the engine’s program as root, with a name and a PATH', () => {
    expect(report.probe('command').output.trim().split('\n').at(-1)).toBe('/tmp/gdn-init')
    expect(statusOf(report, 'Seccomp')).toBeDefined()
    expect(report.probe('status').output).toMatch(/^Uid:\t0\t0\t0\t0$/m)
    expect(report.probe('hostname').output.trim()).toBe(report.spec.hostname)
    const environment = report.probe('environment').output.split('\n')
    expect(environment).toContain('COLOUR=green')
    expect(environment).toContain('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  })

  test('runs its hooks, which see its properties', async () => {
    const state = JSON.parse(await readFile(join(directory, 'state'), 'utf8'))
    expect(state).toMatchObject({ id: report.spec.hostname, annotations: { purpose: 'proof' } })
  })
})

describe('what is refused is refused by the configuration, not by the host', () => {
  test('without its filter an unprivileged container makes a user namespace', async () => {
    const report = await runGardenContainer({}, deeds, {
      edit: (spec) => {
        delete spec.linux?.seccomp
      },
    })
    expect(report.probe('make a user namespace')).toEqual({ output: '', status: 0 })
  })

  test('without its masked paths an unprivileged container sees the host', async () => {
    const report = await runGardenContainer({ maskedPaths: [], readonlyPaths: [] }, deeds)
    expect(report.probe('read the keys').status).toBe(0)
    expect(report.probe('list the firmware').status).toBe(0)
  })

  test('a device it asks for can be opened', async () => {
    const container: ContainerUnderTest = {
      privilege: { kind: 'privileged', mode: 'full' },
      deviceRules: ['c 1:11 r'],
    }
    const report = await runGardenContainer(container, deeds)
    expect(report.probe('open a foreign device')).toEqual({ output: '', status: 0 })
  })

  test('capabilities the host lacks stop a container when the host is not asked', async (context) => {
    const lacking = gardenCapabilities.full.filter((capability) => !host.capabilities.includes(capability))
    context.skip(lacking.length === 0, 'this host can grant every capability: run without CAP_SYS_RESOURCE')
    const container: ContainerUnderTest = { privilege: { kind: 'privileged', mode: 'full' } }
    const all = { host: { capabilities: gardenCapabilities.full } }
    await expect(runGardenContainer(container, deeds, all)).rejects.toThrow('runc run')
    await expect(runGardenContainer(container, deeds)).resolves.toBeDefined()
  })
})

test('a mount on /tmp does not hide the first program', async () => {
  const bindMounts = [{ source: join(directory, 'writable'), destination: '/tmp', mode: 'rw' }] as const
  const report = await runGardenContainer({ bindMounts }, { list: 'ls /tmp' })
  expect(report.probe('list').output).toContain('gdn-init')
})

const nodeScript = [
  "const { Worker } = require('worker_threads')",
  "require('fs').readFileSync('/etc/passwd')",
  "require('net').createServer().listen(0, function () { this.close() })",
  "new Worker('1', { eval: true })",
  "require('child_process').execFileSync('true')",
].join('; ')

/** Programs of a distribution that ask for more than busybox does, by their place on this machine. */
const programs: readonly { readonly path: string; readonly command: string }[] = [
  { path: '/usr/bin/bash', command: "bash -c 'x=$(seq 3 | wc -l); [[ $x = 3 ]]'" },
  { path: '/usr/bin/apt-get', command: 'apt-get --version && apt-cache policy' },
  { path: '/usr/bin/tar', command: 'tar -C /etc -cf /tmp/a.tar passwd && tar -C /tmp -xpf /tmp/a.tar' },
  { path: '/usr/bin/perl', command: "perl -e 'exit(fork ? (wait, $? >> 8)[1] : 0)'" },
  { path: process.execPath, command: `${process.execPath} -e "${nodeScript}"` },
]

test('ordinary programs run under the default filter', async () => {
  const installed = programs.filter(({ path }) => existsSync(path))
  const elsewhere = installed.map(({ path }) => path).filter((path) => !path.startsWith('/usr/'))
  const system = ['/usr', '/etc', '/lib', '/lib64'].filter((path) => existsSync(path))
  const report = await runGardenContainer(
    { bindMounts: [...system, ...elsewhere].map((path) => ({ source: path, destination: path })) },
    Object.fromEntries(installed.map(({ path, command }) => [path, command])),
  )
  for (const { path } of installed) expect({ path, ...report.probe(path) }).toMatchObject({ status: 0 })
})

test('a further process is as confined as its container, with the PATH of its user', async () => {
  const output = await execInGardenContainer(
    { env: ['COLOUR=green'] },
    {
      path: 'sh',
      args: ['-c', 'id -u; id -g; pwd; env; cat /proc/self/status'],
      dir: '/etc',
      user: 'builder',
    },
  )
  expect(output).toMatch(/^1000\n1001\n\/etc\n/)
  expect(output).toMatch(/^USER=builder$/m)
  expect(output).toMatch(/^COLOUR=green$/m)
  expect(output).toMatch(/^PATH=\/usr\/local\/bin:\/usr\/bin:\/bin$/m)
  expect(output).toMatch(/^Seccomp:\t2$/m)
  expect(output).toMatch(/^CapEff:\t0+$/m)
})
