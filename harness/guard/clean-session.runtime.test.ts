import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { findProgram, until } from '../host/index.ts'
import { cleanDeadSessions, cleanSession } from './index.ts'
import type { KillableRun, RunPlace } from './killable-run.fixture.ts'
import { openOwnPlace } from './own-place.fixture.ts'

let place: RunPlace

beforeEach((context) => {
  const own = openOwnPlace(context)
  place = own.place
  return own.end
})

const clean = () => cleanDeadSessions({ sessions: place.sessions, bundles: place.bundles })

/** Waits until nothing is left, and shows what is when that takes too long. */
async function nothingLeft(): Promise<void> {
  const isClean = () => place.traces().length === 0
  await until(isClean, { timeoutMs: 30_000, what: 'all traces to go' }).catch(() => undefined)
  expect(place.traces()).toEqual([])
}

async function readyRun(runtime?: string): Promise<KillableRun> {
  const run = place.run(runtime)
  await until(() => run.isReady, { timeoutMs: 30_000, what: 'the run to be ready' })
  return run
}

/** A run that is dead, and its reaper with it: everything is still there. */
async function deserted(runtime?: string): Promise<KillableRun> {
  const run = await readyRun(runtime)
  run.killReaper()
  await run.killed()
  return run
}

const kindsOf = (traces: readonly string[]) => [...new Set(traces.map((line) => line.split(' ')[0]))].sort()

/** How often a run is killed at a random moment. */
const kills = Number(process.env['RUNWRIGHT_TEST_KILLS'] ?? 5)
const everything = ['bundles', 'cgroup', 'mount', 'namespace', 'process', 'session']

describe('a run that is killed', () => {
  test('in the middle of everything leaves nothing: its reaper cleans up', async () => {
    const run = await readyRun()
    expect(kindsOf(place.traces())).toEqual(everything)
    await run.killed()
    await nothingLeft()
  })

  test('at any moment leaves nothing', async () => {
    for (let count = 0; count < kills; count += 1) {
      const run = place.run()
      const steps = Math.floor(Math.random() * 9)
      await until(() => run.lines.length >= steps, { timeoutMs: 60_000, what: `step ${steps}` })
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100))
      await run.killed()
      await nothingLeft()
    }
  }, 600_000)

  test('together with its reaper is cleaned by the next', async () => {
    const run = await deserted()
    expect(kindsOf(place.traces())).toEqual(everything)
    const report = await clean()
    expect(report).toMatchObject({ refused: [], remaining: [] })
    expect(report.sessions).toMatchObject([{ directory: run.directory, outcome: 'cleaned', remaining: [] }])
    expect(place.traces()).toEqual([])
    expect(existsSync(place.sessions)).toBe(false)
    expect(await clean()).toEqual({ sessions: [], refused: [], remaining: [] })
  })

  test('takes the processes that had joined it along', async () => {
    const run = await readyRun()
    const member = place.member(run)
    await until(() => member.isReady, { timeoutMs: 30_000, what: 'the member to join' })
    await run.killed()
    await until(() => member.hasEnded, { timeoutMs: 20_000, what: 'the member to be ended' })
    await nothingLeft()
  })
})

describe('cleaning does not need', () => {
  test('the runtime', async () => {
    const copy = join(place.directory, 'runtime')
    copyFileSync(findProgram('runc') ?? '', copy)
    await deserted(copy)
    rmSync(copy)
    await clean()
    expect(place.traces()).toEqual([])
  })

  test('a runtime that answers', async () => {
    const wrapper = join(place.directory, 'runtime')
    const hanging = join(place.directory, 'hangs')
    // Not the wrapper itself hangs, but a program that it started.
    const lines = ['#!/bin/sh', `[ ! -e ${hanging} ] || tail -f ${hanging}`, 'exec runc "$@"']
    writeFileSync(wrapper, lines.join('\n'))
    chmodSync(wrapper, 0o755)
    const run = await deserted(wrapper)
    writeFileSync(hanging, '')
    const { outcome } = await cleanSession(run.directory, { deadlineMs: 6000 })
    expect(outcome).toBe('cleaned')
    expect(place.traces()).toEqual([])
  })
})

test('the runtime is asked first, with the options it was driven by', async () => {
  const wrapper = join(place.directory, 'runtime')
  const calls = join(place.directory, 'calls')
  writeFileSync(wrapper, `#!/bin/sh\necho "$@" >> ${calls}\nexec runc "$@"`)
  chmodSync(wrapper, 0o755)
  const run = await deserted(wrapper)
  writeFileSync(calls, '')
  const { removed } = await cleanSession(run.directory)
  const containers = removed.filter(({ kind }) => kind === 'container').map(({ what }) => what)
  expect(containers).toHaveLength(5)
  expect(containers).toContain(run.userName)
  const roots = `--root ${run.directory}/runtime-1-1/root`
  const asked = containers.map((id) => `${roots} delete --force ${id}`)
  expect(readFileSync(calls, 'utf8').trim().split('\n').sort()).toEqual(asked.sort())
})

describe('cleaners', () => {
  test('leave a session alone whose owner lives', async () => {
    const run = await readyRun()
    const before = place.traces()
    expect((await clean()).sessions).toEqual([
      { directory: run.directory, outcome: 'alive', removed: [], remaining: [] },
    ])
    expect(await cleanSession(run.directory)).toMatchObject({ outcome: 'alive' })
    expect(place.traces()).toEqual(before)
  })

  test('that work at the same time do not hinder each other', async () => {
    const run = await deserted()
    const outcomes = await Promise.all([1, 2, 3].map(async () => (await cleanSession(run.directory)).outcome))
    expect(outcomes.sort()).toEqual(['cleaned', 'gone', 'gone'])
    expect(place.traces()).toEqual([])
  })
})
