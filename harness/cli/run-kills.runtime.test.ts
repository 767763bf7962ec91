import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { programPath } from '../host/index.ts'
import { cgroupDirectoriesNamed } from '../probe/index.ts'

/** How many runs are killed: a few in every test run, as many as a thousand to measure. */
const kills = Number(process.env['RUNWRIGHT_RUN_KILLS'] ?? 3)
/** Until when after its start a run is killed, in milliseconds: at any moment, the first seconds more often than later ones. */
const longestLifeMs = 6_000

const main = programPath('harness/cli/main.js')
let place: string
let environment: Readonly<Record<string, string>>

beforeEach((context) => {
  context.skip(process.geteuid?.() !== 0, 'needs root: it runs containers')
  place = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-kills-')))
  mkdirSync(join(place, 'tmp'))
  environment = {
    RUNWRIGHT_SESSIONS: join(place, 'sessions'),
    RUNWRIGHT_HOME: join(place, 'home'),
    TMPDIR: join(place, 'tmp'),
    NO_COLOR: '1',
  }
})

afterEach(() => {
  rmSync(place, { recursive: true, force: true })
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
  const { exitCode, all } = await runwright(['run', 'lifecycle', '--output', join(place, 'output')])
  expect(exitCode, `after all kills a run is green\n${all}`).toBe(0)
  const undisturbed = join(place, 'undisturbed')
  await runwright(['run', 'lifecycle', '--output', join(place, 'output')], { RUNWRIGHT_HOME: undisturbed })
  expect(archivesIn(join(place, 'home'))).toEqual(archivesIn(undisturbed))
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
  const output = join(place, 'output')
  const run = spawn(process.execPath, [main, 'run', '--output', output], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...environment },
  })
  const ended = once(run, 'exit')
  await delay(lifeMs)
  const sessions = entries(environment['RUNWRIGHT_SESSIONS'])
  kill(run, victim)
  await ended
  return sessions
}

function kill({ pid }: ChildProcess, victim: (typeof victims)[number] | undefined): void {
  if (pid === undefined) throw new Error('the run could not be started')
  process.kill(victim === 'launcher' ? pid : -pid, 'SIGKILL')
  if (victim === 'everybody, the reaper too') for (const other of processesOfPlace()) killIfThere(other)
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
    env: { ...environment, ...variables },
  })
}

/** Everything on this host that is there because of the runs of this place. */
function traces(sessions: readonly string[]): string[] {
  const ids = sessions.map((name) => name.replace(/^\.passing-.*-/, ''))
  return [
    ...ids.flatMap((id) => cgroupDirectoriesNamed(id)),
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(place)),
    ...processesOfPlace().map((pid) => `process ${pid} ${read(`/proc/${pid}/cmdline`)}`),
    ...entries(environment['RUNWRIGHT_SESSIONS']),
    ...entries(join(place, 'home/bundles')),
    ...entries(join(place, 'tmp')),
    ...entries('/run/netns').filter((name) => ids.some((id) => name.includes(id))),
  ]
}

/** Processes that were started with this place's variables, or that name it; a container's by its root directory. */
function processesOfPlace(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) =>
      ['environ', 'cmdline', 'mountinfo'].some((name) => read(`/proc/${pid}/${name}`).includes(place)),
    )
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function entries(directory: string | undefined): string[] {
  try {
    return readdirSync(directory ?? '')
  } catch {
    return []
  }
}
