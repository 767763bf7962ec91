import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cgroupLayout } from '../host/index.ts'
import { NoCgroupError, ObservedCgroup } from './observed-cgroup.ts'

const mounted = cgroupLayout().controllers.size > 0

test.skipIf(!mounted)('the directory of a cgroup holds the process it was found by', () => {
  const cgroup = new ObservedCgroup(process.pid)
  const [controller = ''] = cgroup.controllers
  expect(cgroup.path(controller)).toMatch(/^\//)
  expect(existsSync(cgroup.directory(controller))).toBe(true)
  expect(cgroup.read(controller, 'cgroup.procs')?.split('\n')).toContain(String(process.pid))
})

test.skipIf(!mounted)(
  'a file that a cgroup does not have is undefined, and a controller nobody has an error',
  () => {
    const cgroup = new ObservedCgroup(process.pid)
    const [controller = ''] = cgroup.controllers
    expect(cgroup.read(controller, 'no.such_file')).toBeUndefined()
    if (cgroup.version === 'v1') expect(() => cgroup.directory('nosuchcontroller')).toThrow(NoCgroupError)
  },
)

test('a process that is gone throws', () => {
  expect(() => new ObservedCgroup(4_194_303)).toThrow(/ENOENT/)
})
