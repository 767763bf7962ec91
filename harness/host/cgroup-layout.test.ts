import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { layoutOf } from './cgroup-layout.ts'
import { cgroupLayout, hostFacts, parseMountInfo } from './index.ts'

const mounts = (...lines: readonly string[]) =>
  parseMountInfo(lines.map((line, index) => `${index + 2} 1 0:${index + 20} / ${line}`).join('\n'))
const noControllers = () => []

test('one unified hierarchy is v2', () => {
  const layout = layoutOf(mounts('/sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate'), () => [
    'cpu',
    'memory',
  ])
  expect(layout).toEqual({
    kind: 'v2',
    unified: '/sys/fs/cgroup',
    controllers: new Map([
      ['cpu', '/sys/fs/cgroup'],
      ['memory', '/sys/fs/cgroup'],
    ]),
  })
})

test('a hierarchy for each controller is v1, named ones included', () => {
  const layout = layoutOf(
    mounts(
      '/sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,seclabel,cpu,cpuacct',
      '/sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset,cpuset_v2_mode,clone_children',
      '/sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/lib/agent,name=systemd',
    ),
    noControllers,
  )
  expect(layout).toEqual({
    kind: 'v1',
    controllers: new Map([
      ['cpu', '/sys/fs/cgroup/cpu,cpuacct'],
      ['cpuacct', '/sys/fs/cgroup/cpu,cpuacct'],
      ['cpuset', '/sys/fs/cgroup/cpuset'],
      ['name=systemd', '/sys/fs/cgroup/systemd'],
    ]),
  })
})

test('v1 with a unified hierarchy beside it is hybrid, and each controller is where it is bound', () => {
  const layout = layoutOf(
    mounts(
      '/sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
      '/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '/elsewhere rw - cgroup cgroup rw,memory',
    ),
    () => ['hugetlb'],
  )
  expect(layout).toEqual({
    kind: 'hybrid',
    unified: '/sys/fs/cgroup/unified',
    controllers: new Map([
      ['hugetlb', '/sys/fs/cgroup/unified'],
      ['memory', '/sys/fs/cgroup/memory'],
    ]),
  })
})

test('without any hierarchy there are no controllers', () => {
  expect(layoutOf(mounts('/ rw - ext4 /dev/vda rw'), noControllers)).toEqual({
    kind: 'v1',
    controllers: new Map(),
  })
})

test("this machine's layout names directories that are there", () => {
  const { controllers, unified } = cgroupLayout()
  for (const mountPoint of controllers.values()) expect(existsSync(`${mountPoint}/cgroup.procs`)).toBe(true)
  if (unified !== undefined) expect(existsSync(`${unified}/cgroup.controllers`)).toBe(true)
})

test("this machine's facts are plain values", () => {
  const facts = hostFacts()
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
  expect(facts).toMatchObject({ cgroup: cgroupLayout().kind, rootless: process.getuid?.() !== 0 })
  expect(facts.cpus).toBeGreaterThan(0)
})
