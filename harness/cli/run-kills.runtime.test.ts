import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { beforeEach, expect, test } from 'vitest'
import { cgroupDirectoriesNamed } from '../probe/index.ts'
import { entriesOf, main, RunPlace } from './run-place.fixture.ts'

/** How many runs are killed: a few in every test run, as many as a thousand to measure. */
const kills = Number(process.env['RUNWRIGHT_RUN_KILLS'] ?? 3)
/** Until when after its start a run is killed, in milliseconds: at any moment, the first seconds more often than later ones. */
const longestLifeMs = 6_000

let place: RunPlace

beforeEach((context) => {
  context.skip(process.geteuid?.() !== 0, 'needs root: it runs containers')
  place = new RunPlace()
  return () => place.remove()
})

/** Whom a kill hits; the reaper is in a process group of its own. */
const victims = ['launcher', 'launcher and worker', 'everybody, the reaper too'] as const

test('runs that are killed at any moment leave the host as it was, once clean has been run', {
  timeout: kills * 60_000,
}, async () => {
  for (let count = 0; count < kills; count += 1) {
    const victim = victims[count % victims.length]
    const lifeMs = Math.random() ** 2 * longestLifeMs
    const sessions = await killedRun(victim, lifeMs)
    const { exitCode, all } = await runwright(['clean'])
    const occasion = `kill ${count} of ${victim} after ${lifeMs.toFixed(0)} ms\n${all}`
    expect(exitCode, occasion).toBe(0)
    expect(traces(sessions), occasion).toEqual([])
  }
  const { exitCode, all } = await runwright(['run', 'lifecycle', '--output', place.output])
  expect(exitCode, `after all kills a run is green\n${all}`).toBe(0)
  const undisturbed = join(place.directory, 'undisturbed')
  await runwright(['run', 'lifecycle', '--output', place.output], { RUNWRIGHT_HOME: undisturbed })
  expect(archivesIn(place.home)).toEqual(archivesIn(undisturbed))
})

test('who merely sees a mount of the runs is none of theirs, and is not killed', async () => {
  const point = mkdtempSync(join(place.directory, 'mounted-'))
  await execa('mount', ['-t', 'tmpfs', 'none', point])
  try {
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(point)
    expect(place.processes()).toEqual([])
  } finally {
    await execa('umount', [point])
  }
})

/** What the archives directory of a home holds, two levels deep. */
function archivesIn(home: string): string[] {
  const directory = join(home, 'archives')
  return readdirSync(directory)
    .flatMap((name) => readdirSync(join(directory, name)).map((entry) => `${name}/${entry}`))
    .sort()
}

/** Starts a run of everything, kills it, and names the sessions that it had opened. */
async function killedRun(victim: (typeof victims)[number] | undefined, lifeMs: number): Promise<string[]> {
  const run = spawn(process.execPath, [main, 'run', '--output', place.output], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...place.environment },
  })
  const ended = once(run, 'exit')
  await delay(lifeMs)
  const { sessions } = place
  kill(run, victim)
  await ended
  return sessions
}

function kill({ pid }: ChildProcess, victim: (typeof victims)[number] | undefined): void {
  if (pid === undefined) throw new Error('the run could not be started')
  process.kill(victim === 'launcher' ? pid : -pid, 'SIGKILL')
  if (victim === 'everybody, the reaper too') for (const other of place.processes()) killIfThere(other)
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended meanwhile
  }
}

async function runwright(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  return await execa(process.execPath, [main, ...args], {
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { ...place.environment, ...variables },
  })
}

/** Everything on this host that is there because of the runs of this place. */
function traces(sessions: readonly string[]): string[] {
  const ids = sessions.map((name) => name.replace(/^\.passing-.*-/, ''))
  return [
    ...ids.flatMap((id) => cgroupDirectoriesNamed(id)),
    ...place.traces(),
    ...entriesOf('/run/netns').filter((name) => ids.some((id) => name.includes(id))),
  ]
}
