import { expect, test } from 'vitest'
import { againCommand } from './repetition.ts'
import { reportWith, resultsOf } from './report.fixture.ts'

const host = { kernel: '6.1.0-9', arch: 'x64', cgroup: 'v2', rootless: false, cpus: 2 } as const
const machine = 'QEMU 7.2, emulated'

test.each([
  ['on the host keeps its bundles', host, '--keep'],
  [
    'in a machine asks for such a machine',
    { ...host, machine, machineOptions: ['--vm', '--cgroup', 'v1', '--memory', '4096'] },
    '--vm --cgroup v1 --memory 4096',
  ],
  ['in a machine of which no more is known asks for one', { ...host, machine }, '--vm'],
])('a test that ran %s', (_, where, words) => {
  const report = reportWith()
  const results = resultsOf([report], { host: where })
  expect(againCommand(report, results)).toBe(`runwright run kill/kill-delivers --runtime runc ${words}`)
})
