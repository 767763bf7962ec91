import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { set, tryInCgroup } from './cgroup-need.ts'
import { attachDeviceProgram } from './device-program.ts'
import { nearestExisting } from './directories.ts'
import {
  cgroupLayout,
  type HostNeed,
  homeDirectories,
  hostNeeds,
  isHostNeed,
  probeNeed,
  programPath,
  readMounts,
  UnknownNeedError,
} from './index.ts'

const probeName = `runwright-probe-${process.pid}-`

/** What probes of this process have on the host now. */
function leftovers(): string[] {
  const { controllers, unified = '/sys/fs/cgroup' } = cgroupLayout()
  const { sessions } = homeDirectories()
  const directories = [tmpdir(), nearestExisting(sessions), unified, ...controllers.values()]
  const paths = directories.flatMap((directory) =>
    readdirSync(directory).map((name) => join(directory, name)),
  )
  return [...paths, ...readMounts().map(({ mountPoint }) => mountPoint)].filter((path) =>
    path.includes(probeName),
  )
}

/** Effective capabilities of this process, a bit for each. */
function capabilities(): bigint {
  const [, hexadecimal = '0'] = /^CapEff:\s+(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return BigInt(`0x${hexadecimal}`)
}

const isRoot = process.geteuid?.() === 0
const isFirstUserNamespace = /^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8'))
const hasCapability = (number: bigint) => isFirstUserNamespace && (capabilities() >> number) % 2n === 1n
const capSysResource = 24n

test.each(hostNeeds)('%s has a verdict, and its probe leaves nothing behind', async (need) => {
  const verdict = await probeNeed(need)
  if (!verdict.met) {
    expect(verdict.reason).toMatch(/\w+ \w+/)
    expect(verdict.remedy).toMatch(/\w+ \w+/)
  }
  expect(leftovers()).toEqual([])
})

describe('a verdict agrees with another way to find out', () => {
  test.each([
    ['root', () => isRoot],
    ['no-resctrl', () => !readFileSync('/proc/self/mounts', 'utf8').includes(' resctrl ')],
    ['rlimit-raise', () => hasCapability(capSysResource)],
    ['proc-oom-lower', () => hasCapability(capSysResource)],
    ['cgroup-v2', () => cgroupLayout().kind === 'v2'],
    ['cgroup-v1', () => cgroupLayout().kind !== 'v2'],
    ['seccomp', () => /^Seccomp:/m.test(readFileSync('/proc/self/status', 'utf8'))],
  ] as const)('%s', async (need, otherWay) => {
    expect((await probeNeed(need)).met).toBe(otherWay())
  })
})

test('a controller that is not mounted is named', async (context) => {
  context.skip(cgroupLayout().controllers.has('net_prio'), 'it is mounted here')
  const verdict = await probeNeed('cgroup-net-prio')
  expect(verdict).toMatchObject({
    met: false,
    reason: expect.stringMatching(/net_prio controller|nothing of the kind/),
  })
})

test('a setting that is taken without effect is an unmet need', (context) => {
  context.skip(!isRoot, 'needs root')
  const swappiness = set('memory', ['memory.swappiness', '10', '11'])
  const low = set('memory', ['memory.low', '4096', '8192'])
  expect(() => tryInCgroup({ v1: swappiness, v2: low })).toThrow(/says "\d+" after \d+ was written to it/)
})

test('a need is probed once in the life of a process', () => {
  expect(probeNeed('root')).toBe(probeNeed('root'))
})

test('an unknown need is an error, not an unmet need', async () => {
  const pretended = (name: string): name is HostNeed => !isHostNeed(name)
  const unknown = ['cgroup-memroy', 'toString'].filter(pretended)
  expect(unknown).toHaveLength(2)
  for (const name of unknown) await expect(probeNeed(name)).rejects.toThrow(UnknownNeedError)
})

test('a user without privilege is told what is missing', async (context) => {
  context.skip(!isRoot, 'only root can become somebody else')
  const script = `
    import { probeNeed } from ${JSON.stringify(pathToFileURL(programPath('modules/harness/host/index.js')).href)}
    const verdicts = await Promise.all(['root', 'cgroup-pids', 'mount-namespace'].map(probeNeed))
    console.log(JSON.stringify(verdicts.map(({ reason }) => reason)))`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    uid: 65534,
    cwd: '/',
  })
  expect(JSON.parse(String(printed))).toEqual([
    'the harness runs as user 65534',
    expect.stringMatching(/EACCES: permission denied, mkdir '.*runwright-probe-/),
    expect.stringMatching(/no such namespace can be made: unshare: .*not permitted/),
  ])
})

test('a device program can be put on a v2 cgroup', (context) => {
  const { unified } = cgroupLayout()
  if (unified === undefined || !isRoot) return context.skip('needs root and a mounted v2 hierarchy')
  const cgroup = join(unified, `${probeName}test`)
  mkdirSync(cgroup)
  try {
    expect(() => attachDeviceProgram(cgroup)).not.toThrow()
    expect(() => attachDeviceProgram(tmpdir())).toThrow('bpf failed with EBADF')
  } finally {
    rmdirSync(cgroup) // the program goes with it
  }
})
