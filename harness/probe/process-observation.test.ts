import { expect, test } from 'vitest'
import { observeProcess, parseCgroups, parseStatus } from './process-observation.ts'

test('a process is seen with its command line, namespaces and status', () => {
  const self = observeProcess(process.pid)
  expect(self.commandLine[0]).toContain('node')
  expect(self.namespaces.get('mnt')).toMatch(/^mnt:\[\d+\]$/)
  expect(self.status.get('Pid')).toBe(String(process.pid))
  expect(self.mounts.some(({ mountPoint }) => mountPoint === '/')).toBe(true)
})

test('a process that is gone throws', () => {
  expect(() => observeProcess(4_194_303)).toThrow(/ENOENT/)
})

test('controllers that share a hierarchy share its path, and v2 stands under the empty name', () => {
  const cgroups = parseCgroups('3:cpu,cpuacct:/one\n1:name=systemd:/two:three\n0::/four\n')
  expect([...cgroups]).toEqual([
    ['cpu', '/one'],
    ['cpuacct', '/one'],
    ['name=systemd', '/two:three'],
    ['', '/four'],
  ])
})

test('a status field keeps its value, colons included', () => {
  expect(parseStatus('Name:\ta:b\nUid:\t0\t0\t0\t0\n').get('Name')).toBe('a:b')
})
