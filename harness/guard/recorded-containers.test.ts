import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { identifyProcess } from '../host/index.ts'
import { recordedContainers } from './recorded-containers.ts'
import type { RuntimeRecord } from './runtime-record.ts'

let directory: string
let runtime: RuntimeRecord
const self = identifyProcess(process.pid) ?? expect.fail('this process has no identity')

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-recorded-'))
  const [root, driver] = ['root', 'driver'].map((name) => join(directory, name))
  runtime = {
    format: 'runwright.runtime/1',
    name: 'runc',
    command: ['runc'],
    environment: {},
    root: root ?? '',
    directory: driver ?? '',
  }
  return () => rmSync(directory, { recursive: true, force: true })
})

function write(id: string, file: string, content: unknown): void {
  mkdirSync(join(runtime.root, id), { recursive: true })
  writeFileSync(join(runtime.root, id, file), typeof content === 'string' ? content : JSON.stringify(content))
}

describe('a container is known by', () => {
  test("runc's state, with its init and cgroups", () => {
    write('one', 'state.json', {
      init_process_pid: self.pid,
      init_process_start: Number(self.startTime),
      cgroup_paths: { pids: '/sys/fs/cgroup/pids/one', unified: '/sys/fs/cgroup/unified/one' },
    })
    expect(recordedContainers([runtime])).toEqual([
      {
        id: 'one',
        init: self,
        helpers: [],
        cgroups: ['/sys/fs/cgroup/pids/one', '/sys/fs/cgroup/unified/one'],
      },
    ])
  })

  test("crun's status, with its init and cgroup", () => {
    write('one', 'status', {
      pid: self.pid,
      'process-start-time': Number(self.startTime),
      'cgroup-path': '/one',
    })
    expect(recordedContainers([runtime])).toEqual([{ id: 'one', init: self, helpers: [], cgroups: ['/one'] }])
  })

  test("runsc's state, with its sandbox, its gofer and cgroup, or by the lock alone", () => {
    const served = (word: string) =>
      spawn('sh', ['-c', 'read line', 'sh', word], { stdio: ['pipe', 'ignore', 'ignore'] })
    const [sandbox, gofer, other] = [
      `--root=${runtime.root}`,
      `--root=${runtime.root}`,
      '--root=/elsewhere',
    ].map(served)
    mkdirSync(runtime.root)
    const write = (id: string, goferPid: number | undefined) =>
      writeFileSync(
        join(runtime.root, `${id}_sandbox:${id}.state`),
        JSON.stringify({ goferPid, sandbox: { pid: sandbox?.pid, cgroup: { cgroupv1: { name: '/one' } } } }),
      )
    try {
      write('one', gofer?.pid)
      write('two', other?.pid)
      writeFileSync(join(runtime.root, 'three_sandbox:three.lock'), '')
      const init = identifyProcess(sandbox?.pid ?? 0)
      expect(recordedContainers([runtime]).sort((a, b) => a.id.localeCompare(b.id))).toEqual([
        { id: 'one', init, helpers: [identifyProcess(gofer?.pid ?? 0)], cgroups: ['/one'] },
        { id: 'three', init: undefined, helpers: [], cgroups: [] },
        { id: 'two', init, helpers: [], cgroups: ['/one'] },
      ])
    } finally {
      for (const child of [sandbox, gofer, other]) child?.kill('SIGKILL')
    }
  })

  test('a directory alone, of the runtime or of the driver', () => {
    for (const path of [
      join(runtime.root, 'one'),
      join(runtime.directory, 'one'),
      join(runtime.directory, 'two'),
    ]) {
      mkdirSync(path, { recursive: true })
    }
    expect(recordedContainers([runtime])).toEqual([
      { id: 'one', init: undefined, helpers: [], cgroups: [] },
      { id: 'two', init: undefined, helpers: [], cgroups: [] },
    ])
  })
})

test("a directory whose name begins with a dot is a container's where its state is in it", () => {
  mkdirSync(join(runtime.root, '.cache'), { recursive: true })
  write('..-outside', 'status', { pid: self.pid, 'process-start-time': 1, 'cgroup-path': '/..-outside' })
  expect(recordedContainers([runtime])).toMatchObject([{ id: '..-outside', cgroups: ['/..-outside'] }])
})

describe('an init is not taken from', () => {
  const expectNoInit = () =>
    expect(recordedContainers([runtime])).toMatchObject([{ id: 'one', init: undefined }])

  test('a pid that means another process by now', () => {
    write('one', 'state.json', { init_process_pid: self.pid, init_process_start: 1 })
    expectNoInit()
  })

  test.each([
    '',
    '{',
    '[]',
    '{"init_process_pid": "1"}',
    '{"init_process_pid": -1, "init_process_start": 1}',
  ])('a file that holds %j', (content) => {
    write('one', 'state.json', content)
    expectNoInit()
  })

  test('a symbolic link', () => {
    write('one', 'elsewhere', { init_process_pid: self.pid, init_process_start: Number(self.startTime) })
    symlinkSync('elsewhere', join(runtime.root, 'one/state.json'))
    expectNoInit()
  })
})

test('what can be no container id is never passed to a runtime', () => {
  for (const name of ['--all', '.commands', 'a b'])
    mkdirSync(join(runtime.directory, name), { recursive: true })
  writeFileSync(join(runtime.directory, 'file'), '')
  expect(recordedContainers([runtime])).toEqual([])
})
