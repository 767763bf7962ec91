import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { beforeEach, describe, expect, test } from 'vitest'
import { cgroupLayout, findProgram, until } from '../host/index.ts'
import type { Results } from '../report/index.ts'
import { main, RunPlace } from './run-place.fixture.ts'

/** The longest that any of these runs may take, in milliseconds: long past every deadline of the harness. */
const boundMs = 240_000
/** How often each signal comes at a moment of chance: once in every test run, more often to measure. */
const signals = Number(process.env['RUNWRIGHT_SIGNALS'] ?? 1)

let place: RunPlace

beforeEach((context) => {
  context.skip(process.geteuid?.() !== 0, 'needs root: it runs containers')
  place = new RunPlace()
  return () => place.remove()
})

/** Runs suites behind some words, such as those that set a limit. */
async function runBehind(words: readonly string[], args: readonly string[], variables = {}) {
  const [program = '', ...rest] = [...words, process.execPath, main, 'run', '--output', place.output, ...args]
  return await execa(program, rest, {
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: boundMs,
    forceKillAfterDelay: false,
    env: { ...place.environment, ...variables },
  })
}

function results(): Results {
  return JSON.parse(readFileSync(join(place.output, 'results.json'), 'utf8'))
}

/** Everything that the runs of this place have left; whatever a reaper still has to clean gets a moment. */
async function nothingIsLeft(): Promise<void> {
  await until(() => place.traces().length === 0, { timeoutMs: 20_000, what: 'the session to go' }).catch(() =>
    expect(place.traces()).toEqual([]),
  )
}

/** runc, with a line of shell before it: `$*` is what it was asked. */
function flawedRuntime(line: string): string {
  const path = join(place.directory, 'runc')
  writeFileSync(path, `#!/bin/sh\n${line}\nexec ${findProgram('runc')} "$@"\n`)
  chmodSync(path, 0o755)
  return path
}

/** Control characters, but for the end of a line and a tabulator. */
function isObeyed(character: string): boolean {
  const code = character.charCodeAt(0)
  return (code < 32 && character !== '\n' && character !== '\t') || (code >= 127 && code < 160)
}

/** Gives words that put a program into a cgroup which limits how many processes and threads there may be. */
async function inTaskLimit(
  most: number,
  body: (cgroup: {
    readonly words: readonly string[]
    readonly limit: (most: number) => void
  }) => Promise<void>,
): Promise<void> {
  const parent = cgroupLayout().controllers.get('pids') ?? cgroupLayout().unified ?? ''
  const cgroup = join(parent, `hardship-${place.directory.slice(-6)}`)
  const limit = (number: number) => writeFileSync(join(cgroup, 'pids.max'), String(number))
  mkdirSync(cgroup)
  try {
    limit(most)
    await body({ words: ['sh', '-c', `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`, 'sh'], limit })
  } finally {
    await until(() => readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') === '', {
      timeoutMs: 20_000,
      what: 'everything to end',
    })
    rmdirSync(cgroup)
  }
}

describe('a run comes to its end and leaves nothing', () => {
  test.for(['create', 'start', 'state', 'kill', 'delete'])(
    'on a runtime whose %s hangs: what uses it is broken, and nothing fails for it',
    { timeout: boundMs },
    async (verb) => {
      const runtime = flawedRuntime(`case " $* " in *" ${verb} "*) exec sleep 1000; esac`)
      const { exitCode, all } = await runBehind(
        [],
        ['lifecycle', 'start', '--runtime', runtime, '--command-timeout', '2'],
      )
      expect(exitCode, all).toBe(1)
      const { totals, tests, planned } = results()
      expect(tests).toHaveLength(planned)
      expect(totals.broken, all).toBeGreaterThan(0)
      expect(totals.fail, all).toBe(0)
      await nothingIsLeft()
    },
  )

  test('on a runtime that stands still', { timeout: boundMs }, async () => {
    const runtime = flawedRuntime('case " $* " in *" create "*) kill -STOP $$; esac')
    const { exitCode, all } = await runBehind(
      [],
      ['lifecycle', '--runtime', runtime, '--command-timeout', '2'],
    )
    expect(exitCode, all).toBe(1)
    expect(results().totals).toMatchObject({ fail: 0 })
    await nothingIsLeft()
  })

  test('on a runtime that prints a hundred megabytes of anything', { timeout: boundMs }, async () => {
    const runtime = flawedRuntime(`case " $* " in *" state "*) head -c 100000000 /dev/urandom; exit 0; esac`)
    const { exitCode, all } = await runBehind([], ['lifecycle', '--runtime', runtime])
    expect(exitCode, all.slice(0, 2_000)).toBe(1)
    expect(all.length).toBeLessThan(1_000_000)
    expect([...all].filter(isObeyed), 'what a terminal would obey').toEqual([])
    await nothingIsLeft()
  })

  test('where the file system is full, and says so', { timeout: boundMs }, async () => {
    await runBehind([], ['lifecycle/nothing-but-archives']) // refused, after the place was made
    const sizes = { '64k': 2, '7m': 1 } as const
    for (const [size, expected] of Object.entries(sizes)) {
      const mount = `mount -t tmpfs -o size=${size} none ${place.home} && exec "$@"`
      mkdirSync(place.home, { recursive: true })
      const { exitCode, all } = await runBehind(
        ['unshare', '--mount', 'sh', '-c', mount, 'sh'],
        // Suite `root` has bundles with root file systems of their own, for which 7 MB are not enough.
        ['lifecycle', 'root'],
        size === '64k' ? { RUNWRIGHT_SESSIONS: join(place.home, 'sessions') } : {},
      )
      expect([1, 2], all).toContain(exitCode)
      expect(exitCode === 0, `${expected}`).toBe(false)
      expect(all).toMatch(/ENOSPC|[Nn]o space left/)
      await nothingIsLeft()
    }
  })

  test('where descriptors run out, and says so', { timeout: boundMs }, async () => {
    const hoarder = join(place.directory, 'hoarder.mjs')
    writeFileSync(
      hoarder,
      `import { closeSync, openSync } from 'node:fs'
       const held = []
       try { for (;;) held.push(openSync('/dev/null')) } catch {}
       for (const descriptor of held.slice(-Number(process.env.SPARE_DESCRIPTORS))) closeSync(descriptor)\n`,
    )
    const seen: string[] = []
    for (const spare of [25, 60]) {
      const { exitCode, all, timedOut } = await runBehind(
        ['prlimit', '--nofile=1024:1024'],
        ['lifecycle', 'create', '--jobs', '16'],
        { NODE_OPTIONS: `--import ${hoarder}`, SPARE_DESCRIPTORS: String(spare) },
      )
      expect(timedOut, `${spare} spare\n${all}`).toBe(false)
      if (exitCode !== 0) seen.push(all)
      if (exitCode === 1 && existsSync(join(place.output, 'results.json')))
        expect(results().totals.fail, all).toBe(0)
      await nothingIsLeft()
    }
    expect(seen.join('\n')).toMatch(/EMFILE|too many open files/)
  })

  test('where there is no room for its processes, and says so before it begins', {
    timeout: boundMs,
  }, async () => {
    await inTaskLimit(12, async ({ words }) => {
      const { exitCode, all } = await runBehind(words, ['lifecycle'])
      expect(exitCode, all).toBe(2)
      expect(all).toContain('pids.max')
      await nothingIsLeft()
    })
  })

  test('where suddenly no process can be started any more', { timeout: boundMs }, async () => {
    await inTaskLimit(1_000, async ({ words, limit }) => {
      const run = runBehind(words, ['--jobs', '8'])
      await until(() => place.sessions.length > 0, {
        timeoutMs: 60_000,
        what: 'a session to be opened',
      })
      limit(5)
      const { exitCode, all, timedOut } = await run
      expect(timedOut, all.slice(-2_000)).toBe(false)
      expect(exitCode).not.toBe(0)
      expect(all).toMatch(/EAGAIN|[Rr]esource temporarily unavailable|the test runner|pids\.max/)
      limit(1_000)
      await nothingIsLeft()
    })
  })

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'when %s comes at any moment',
    { timeout: boundMs * signals },
    async (signal) => {
      for (let count = 0; count < signals; count += 1) {
        const run = execa(process.execPath, [main, 'run', '--output', place.output], {
          reject: false,
          all: true,
          stdin: 'ignore',
          timeout: boundMs,
          forceKillAfterDelay: false,
          env: place.environment,
        })
        const lifeMs = Math.random() * 5_000
        await delay(lifeMs)
        run.kill(signal)
        const { exitCode, all, timedOut, signal: killedBy } = await run
        const occasion = `${signal} after ${lifeMs.toFixed(0)} ms\n${all.slice(-2_000)}`
        expect(timedOut, occasion).toBe(false)
        // Before it listens it dies of the signal, having made nothing; after all is done it may be green.
        if (exitCode === undefined) expect(killedBy, occasion).toBe(signal)
        else expect(exitCode, occasion).toBeLessThan(2)
        await nothingIsLeft()
      }
    },
  )
})
