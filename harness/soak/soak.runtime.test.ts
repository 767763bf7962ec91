import { chmodSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cgroupLayout, findProgram, probeNeed } from '../host/index.ts'
import { type ResolvedRuntime, resolveRuntime } from '../runtime/index.ts'
import { type SoakEnd, soak } from './index.ts'

const hierarchy = cgroupLayout().controllers.get('pids') ?? cgroupLayout().unified ?? ''
let directory: string

beforeEach(async (context) => {
  const root = await probeNeed('root')
  context.skip(!root.met, 'containers take root')
  directory = mkdtempSync(join(tmpdir(), 'runwright-soak-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
  for (const name of readdirSync(hierarchy)) {
    if (name.startsWith('left-runwright-')) rmdirSync(join(hierarchy, name))
  }
})

async function soaked(runtime: ResolvedRuntime, options: { killing: number }): Promise<SoakEnd> {
  return await soak({
    runtime,
    durationMs: 4_000,
    alive: 12,
    jobs: 6,
    seed: 11,
    stopped: new AbortController().signal,
    progress: () => undefined,
    ...options,
  })
}

/** runc, with a line of shell around it: `$@` is what it was asked, `runc` answers. */
async function flawed(line: string): Promise<ResolvedRuntime> {
  const path = join(directory, 'runc')
  writeFileSync(path, `#!/bin/sh\nrunc() { ${findProgram('runc')} "$@"; }\n${line}\n`)
  chmodSync(path, 0o755)
  return await resolveRuntime(path)
}

test('a runtime that is killed now and then leaves nothing that is not removed', async () => {
  const end = await soaked(await resolveRuntime('runc'), { killing: 0.3 })
  expect(end.leaks).toEqual([])
  expect(end.surprises).toEqual([])
  expect(end.containers).toBeGreaterThan(10)
  expect(end.peak).toBeLessThanOrEqual(12)
  const sum = (kind: 'done' | 'killed') => end.counts.reduce((total, count) => total + count[kind], 0)
  expect(sum('done')).toBeGreaterThan(20)
  expect(sum('killed')).toBeGreaterThan(5)
})

test('what a runtime leaves that nobody killed is told, with the container that it was left by', async () => {
  const end = await soaked(
    await flawed(
      `case " $* " in *" delete "*) for id; do :; done; mkdir ${hierarchy}/left-$id; esac\nrunc "$@"`,
    ),
    { killing: 0 },
  )
  expect(end.leaks.length).toBeGreaterThan(0)
  for (const { kind, what, test: container } of end.leaks) {
    expect(kind).toBe('cgroup')
    expect(what).toBe(`${hierarchy}/left-${container}`)
  }
})

test('an exec that ends with another exit code than its program is surprising', async () => {
  const end = await soaked(
    await flawed(`case " $* " in *" exec "*) runc "$@"; exit $((($? + 1) % 256)); esac\nrunc "$@"`),
    { killing: 0 },
  )
  expect(end.surprises.some((surprise) => surprise.startsWith('exec: '))).toBe(true)
  expect(end.leaks).toEqual([])
})

test('a soak that is stopped ends soon, and leaves nothing', async () => {
  const stopping = new AbortController()
  const end = await soak({
    runtime: await resolveRuntime('runc'),
    durationMs: 600_000,
    alive: 12,
    jobs: 6,
    seed: 12,
    killing: 0,
    stopped: stopping.signal,
    progress: ({ done }) => done > 10 && stopping.abort(),
  })
  expect(end.containers).toBeGreaterThan(0)
  expect(end.leaks).toEqual([])
  expect(end.surprises).toEqual([])
})
