// gVisor's runsc keeps a container alive by processes of its own, in sessions of their own: what a killed run leaves of
// them would go on using the processor.
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../host/index.ts'
import { RuntimeError, resolveRuntime } from '../runtime/index.ts'
import { cleanDeadSessions, Session } from './index.ts'
import type { KillableRun, RunPlace } from './killable-run.fixture.ts'
import { openOwnPlace } from './own-place.fixture.ts'

const runsc = await resolveRuntime('runsc').catch(() => undefined)

let place: RunPlace

beforeEach((context) => {
  context.skip(runsc === undefined, "needs runsc: 'runwright setup runsc'")
  const own = openOwnPlace(context)
  place = own.place
  return own.end
})

const clean = () => cleanDeadSessions({ sessions: place.sessions, bundles: place.bundles })

async function nothingLeft(): Promise<void> {
  const isClean = () => place.traces().length === 0
  await until(isClean, { timeoutMs: 30_000, what: 'all traces to go' }).catch(() => undefined)
  expect(place.traces()).toEqual([])
}

async function readyRun(command = runsc?.command): Promise<KillableRun> {
  const run = place.run(command)
  await until(() => run.isReady, { timeoutMs: 30_000, what: 'the run to be ready' })
  return run
}

/** How often something is killed at a random moment. */
const kills = Number(process.env['RUNWRIGHT_TEST_KILLS'] ?? 5)
const sandboxes = () => place.traces().filter((line) => /^process \d+ runsc-(sandbox|gofer) /.test(line))

describe('a run that is killed', () => {
  test('in the middle of everything leaves nothing: its reaper cleans up', async () => {
    const run = await readyRun()
    // Four containers: one running, one created, two paused.
    expect(sandboxes()).toHaveLength(8)
    await run.killed()
    await nothingLeft()
  })

  test('at any moment leaves nothing', async () => {
    for (let count = 0; count < kills; count += 1) {
      const run = place.run(runsc?.command)
      const steps = Math.floor(Math.random() * 9)
      await until(() => run.lines.length >= steps, { timeoutMs: 60_000, what: `step ${steps}` })
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
      await run.killed()
      await nothingLeft()
    }
  }, 600_000)

  test('together with its reaper is cleaned by the next, which tells of containers and not of their processes', async () => {
    const run = await readyRun()
    run.killReaper()
    await run.killed()
    expect(sandboxes()).toHaveLength(8)
    const { sessions, remaining } = await clean()
    expect(remaining).toEqual([])
    expect(sessions).toMatchObject([{ directory: run.directory, outcome: 'cleaned' }])
    const removed = sessions.flatMap((session) => session.removed)
    expect(removed.filter(({ kind }) => kind === 'container')).toHaveLength(5)
    expect(removed.filter(({ what }) => what.includes('runsc-'))).toEqual([])
    expect(place.traces()).toEqual([])
  })

  test('is cleaned without the runtime', async () => {
    const copy = join(place.directory, 'runsc')
    copyFileSync(runsc?.command ?? '', copy)
    const run = await readyRun(copy)
    run.killReaper()
    await run.killed()
    rmSync(copy)
    await clean()
    expect(place.traces()).toEqual([])
  })
})

test('a runsc that is killed at any moment of create and start leaves no process, and nothing of its session', async () => {
  await using session = await Session.open({ sessions: place.sessions, bundles: place.bundles })
  const runtime = await session.runtime(runsc ?? expect.fail(), { graceMs: 1 })
  for (let count = 0; count < kills * 4; count += 1) {
    const anyMoment = (longestMs: number) => ({ timeoutMs: 1 + Math.random() * longestMs })
    try {
      const container = await runtime.create({ path: place.bundle }, anyMoment(250))
      await container.start(anyMoment(100)).finally(() => runtime.remove(container.id))
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
    }
    await until(() => sandboxes().length === 0, { timeoutMs: 10_000, what: 'sandboxes and gofers to go' })
  }
  await session.close()
  expect(place.traces()).toEqual([])
}, 600_000)

test('a sandbox that is killed leaves a container that can be removed, and nothing of it', async () => {
  await using session = await Session.open({ sessions: place.sessions, bundles: place.bundles })
  const runtime = await session.runtime(runsc ?? expect.fail())
  const container = await runtime.runDetached({ path: place.bundle })
  expect(container.init.signal('SIGKILL')).toBe('sent')
  await container.wait()
  await runtime.remove(container.id)
  expect(sandboxes()).toEqual([])
  expect(await session.close()).toEqual([])
})
