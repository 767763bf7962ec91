import { describe, expect, test } from 'vitest'
import { noPaint } from '../report/index.ts'
import { describeHost } from './describe-host.ts'
import type { HostExamination } from './examine-host.ts'

const examination: HostExamination = {
  host: {
    kernel: '6.1.0',
    arch: 'x64',
    cgroup: 'v2',
    rootless: false,
    cpus: 4,
    distribution: 'Debian 12',
    node: 'v20.20.0',
    user: 0,
    controllers: { memory: '/sys/fs/cgroup', pids: '/sys/fs/cgroup' },
  },
  runtimes: [
    {
      name: 'runc',
      path: '/usr/sbin/runc',
      version: '1.1.5',
      origin: 'installed',
      lacks: [],
      skippedTests: 3,
    },
    {
      name: 'crun',
      path: '/cache/crun',
      version: '1.28-1',
      origin: 'downloaded',
      suite: 'sid',
      libraries: 'own',
      lacks: [],
      skippedTests: 5,
    },
    {
      name: 'youki',
      path: '/opt/youki',
      origin: 'installed',
      lacks: [],
      skippedTests: 3,
      problem: 'is built for glibc 2.41, this host has 2.36',
    },
  ],
  missingRuntimes: ['runsc'],
  tools: [
    { name: 'busybox', use: 'x', path: '/bin/busybox' },
    { name: 'tar', use: 'x', problem: '/bin/tar is not GNU tar' },
  ],
  needs: [
    { need: 'root', tests: 0, met: true },
    { need: 'overlay', tests: 2, met: false, reason: 'the kernel has none', remedy: 'modprobe overlay' },
    { need: 'seccomp', tests: 0, met: false, reason: 'it is off', remedy: 'build it in' },
    { need: 'cgroup-v1', tests: 1, met: false, reason: 'it is v2', remedy: 'boot with v1' },
  ],
  plannedTests: 100,
  obstacles: [],
}

function text(
  changes: Partial<HostExamination> = {},
  options: { width?: number; all?: boolean } = {},
): string {
  return describeHost(
    { ...examination, ...changes },
    { paint: noPaint, width: Number.POSITIVE_INFINITY, all: false, ...options },
  )
}

describe('describeHost', () => {
  test('tells the whole story', () => {
    expect(text()).toBe(`Host
  system   Debian 12, kernel 6.1.0, x64, 4 CPUs
  node     v20.20.0
  user     root
  cgroups  v2: memory pids

Runtimes
  runc   1.1.5   97 of 100 tests  /usr/sbin/runc
  crun   1.28-1  95 of 100 tests  /cache/crun
                                  from sid
                                  with a libc of its own
  youki          does not run     /opt/youki
                                  is built for glibc 2.41, this host has 2.36
  not here: runsc

Tools
  busybox  ready    /bin/busybox
  tar      missing  /bin/tar is not GNU tar

Needs of the tests: 1 of 4 met
  overlay    not met  2 tests  the kernel has none
                               → modprobe overlay
  cgroup-v1  not met  1 test   it is v2
                               → boot with v1
  1 that no test asks for are not met; --all lists them

What will run
  'runwright run --runtime runc' runs 97 of 100 tests; 3 skipped: a need is not met, or what they cover is newer than the runtime.`)
  })

  test('lists every need where all are wanted', () => {
    const all = text({}, { all: true })
    expect(all).toMatch(/^ {2}root +met$/m)
    expect(all).toMatch(/^ {2}seccomp +not met +it is off$/m)
    expect(all).not.toContain('--all')
  })

  test('ends with what stands in the way', () => {
    const obstacles = ['running containers takes root: you are user 1000; run as root (sudo)']
    expect(text({ obstacles, runtimes: [], missingRuntimes: ['runc', 'crun'] })).toMatch(
      /Runtimes\n {2}not here: runc, crun\n/,
    )
    expect(text({ obstacles })).not.toContain('of 100 tests')
    expect(text({ obstacles })).toMatch(/What will run\n {2}running containers takes root: .*\(sudo\)$/)
  })

  test('stays within a narrow terminal where words allow it', () => {
    const lines = text({}, { width: 40 }).split('\n')
    expect(lines.filter((line) => line.length > 40)).toEqual([])
  })
})
