import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cgroupLayout } from './cgroup-layout.ts'
import { taskHeadroom } from './task-headroom.ts'

test('the narrowest limit above this process counts, less what is there already', (context) => {
  const hierarchy = cgroupLayout().controllers.get('pids')
  context.skip(process.geteuid?.() !== 0 || hierarchy === undefined, 'needs root and the pids controller')
  const cgroup = join(hierarchy ?? '', `runwright-headroom-${process.pid}`)
  const inner = join(cgroup, 'inner')
  mkdirSync(inner, { recursive: true })
  const before = ownPath()
  try {
    writeFileSync(join(cgroup, 'pids.max'), '500')
    writeFileSync(join(inner, 'pids.max'), '900')
    writeFileSync(join(inner, 'cgroup.procs'), String(process.pid))
    const current = Number(readFileSync(join(cgroup, 'pids.current'), 'utf8'))
    expect(current).toBeGreaterThan(0)
    expect(taskHeadroom()).toEqual({ left: 500 - current, cgroup })
  } finally {
    writeFileSync(join(hierarchy ?? '', before, 'cgroup.procs'), String(process.pid))
    rmdirSync(inner)
    rmdirSync(cgroup)
  }
})

function ownPath(): string {
  const line = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .find((candidate) => /(:|,)pids(,|:)|^0::/.test(candidate))
  return line?.split(':')[2] ?? '/'
}
