import { readdirSync, readFileSync } from 'node:fs'
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { programPath, until } from '../host/index.ts'
import { cgroupDirectoriesNamed } from '../probe/index.ts'
import type { Results } from '../report/index.ts'

const isRoot = process.getuid?.() === 0
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'runwright-run-'))
})

beforeEach((context) => {
  context.skip(!isRoot, 'needs root: it runs containers')
})

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

const main = programPath('harness/cli/main.js')

/** Becomes a command that may make no user namespace below its own, where its user is not root. */
const withoutNamespaces = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'

/** Runs the command as a user does, and reads what it wrote. */
async function runwright(args: readonly string[]) {
  return await execa(process.execPath, [main, ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: 280_000,
    env: { NO_COLOR: '1', HOME: scratch },
  })
}

async function resultsIn(directory: string): Promise<Results> {
  return JSON.parse(await readFile(join(directory, 'results.json'), 'utf8'))
}

describe('as root', () => {
  test.each(['/bin/true', '/bin/false'])(
    '%s as a runtime passes no test',
    { timeout: 300_000 },
    async (runtime) => {
      const output = join(scratch, runtime.slice(1))
      const { exitCode, stdout } = await runwright([
        'run',
        '--runtime',
        runtime,
        '--output',
        output,
        '--jobs',
        '8',
      ])
      expect(exitCode, stdout).toBe(1)
      const { totals, tests, planned } = await resultsIn(output)
      expect(totals).toMatchObject({ pass: 0, fixed: 0, deviation: 0 })
      expect(totals.fail + totals.broken).toBeGreaterThan(50)
      expect(tests).toHaveLength(planned)
    },
  )

  test('a runtime that does not exist is no run, and the message says what to do', async () => {
    const { exitCode, stderr } = await runwright(['run', '--runtime', '/no/such'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('/no/such')
    expect(stderr).toContain('give the path of a runtime, or one of runc')
  })

  test('a suite that does not exist is no run, and the message says which there are', async () => {
    const { exitCode, stderr } = await runwright(['run', 'no-such-suite'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("'no-such-suite'; the suites are lifecycle, create")
  })

  test('without privilege there is no run, and the message says what to do', async () => {
    const inNamespace = ['--user', '--map-user=1000', '--keep-caps', 'sh', '-c', withoutNamespaces, 'sh']
    const { exitCode, stderr } = await execa('unshare', [...inNamespace, process.execPath, main, 'run'], {
      reject: false,
      env: { NO_COLOR: '1', HOME: scratch },
    })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('no container can be made')
    expect(stderr).toContain('run as root')
  })

  test('one test of a real runtime passes, and results.json says so', async () => {
    const output = join(scratch, 'one')
    const id = 'lifecycle/whoever-creates-a-container-can-ask-for-its-state-start-kill-and-delete-it'
    const { exitCode, stdout, stderr } = await runwright([
      'run',
      id,
      '--output',
      output,
      '--reports',
      'junit,html',
    ])
    expect(exitCode, stdout + stderr).toBe(0)
    const { tests, leaks, requirements } = await resultsIn(output)
    expect(tests.map((report) => `${report.id} ${report.outcome}`)).toEqual([`${id} pass`])
    expect(tests[0]?.containers).toBe(1)
    expect(await readdir(output)).toEqual(['junit.xml', 'report.html', 'results.json'])
    expect(leaks).toEqual([])
    expect(requirements.find((requirement) => requirement.id === 'operations-supported')?.verdict).toBe('met')
  })
})

test('a runtime is asked once who it is, and not again by the worker', async () => {
  const [runtime, words] = [join(scratch, 'asked'), join(scratch, 'asked-words')]
  await writeFile(runtime, `#!/bin/sh\necho "$*" >>'${words}'\nexec runc "$@"\n`, { mode: 0o755 })
  const id = 'create/create-does-not-run-the-program'
  const { exitCode, stdout } = await runwright(['run', id, '--runtime', runtime, '--output', scratch])
  expect(exitCode, stdout).toBe(0)
  const asked = (await readFile(words, 'utf8'))
    .split('\n')
    .filter((line) => /--version$|features$/.test(line))
  expect(asked).toEqual(['--version', expect.stringMatching(/ features$/)])
})

test('shards that are merged give what one run gives', { timeout: 120_000 }, async () => {
  const whole = join(scratch, 'whole')
  const names = ['state', 'hostname-domainname']
  const one = await runwright(['run', ...names, '--output', whole])
  expect(one.exitCode, one.stdout).toBe(0)
  const parts = [1, 2, 3].map((index) => ({ index, output: join(scratch, `part-${index}`) }))
  for (const { index, output } of parts) {
    const shard = ['--shard', `${index}/3`, '--durations', whole]
    const { exitCode, stdout } = await runwright(['run', ...names, ...shard, '--output', output])
    expect(exitCode, stdout).toBe(0)
  }
  const merged = join(scratch, 'merged')
  const outputs = parts.map(({ output }) => output)
  expect((await runwright(['merge', ...outputs.slice(1), '--output', merged])).stderr).toContain('missing: 1')
  const { exitCode, stdout } = await runwright(['merge', ...outputs, '--output', merged])
  expect(exitCode, stdout).toBe(0)
  expect(withoutTimes(await resultsIn(merged))).toEqual(withoutTimes(await resultsIn(whole)))
})

/** Results but for what no two runs have in common. */
function withoutTimes(results: Results) {
  const { startedAt: _startedAt, wallMs: _wallMs, tests, ...rest } = results
  return {
    ...rest,
    tests: tests.map(({ durationMs: _durationMs, runtimeMs: _runtimeMs, ...test }) => test),
  }
}

test('failures are recorded once, and known from then on', async () => {
  const stub = join(scratch, 'no-kill')
  await writeFile(stub, '#!/bin/sh\ncase " $* " in *" kill "*) exit 1;; esac\nexec runc "$@"\n', {
    mode: 0o755,
  })
  const id = 'kill/kill-ends-a-container-that-was-created-and-never-started'
  const list = join(scratch, 'deviations.json')
  const run = async () =>
    await runwright([
      'run',
      id,
      '--runtime',
      stub,
      '--output',
      join(scratch, 'ratchet'),
      '--update-deviations',
      list,
    ])
  const first = await run()
  expect(first.exitCode, first.stdout).toBe(1)
  expect(JSON.parse(await readFile(list, 'utf8'))).toMatchObject([{ test: id }])
  const second = await run()
  expect(second.exitCode, second.stdout).toBe(0)
  expect(second.stdout).toContain('1 deviation')
  await writeFile(stub, '#!/bin/sh\nexec runc "$@"\n')
  const third = await run()
  expect(third.exitCode, third.stdout).toBe(0)
  expect(JSON.parse(await readFile(list, 'utf8'))).toEqual([])
})

describe('a run that is ended in the middle', () => {
  /** Starts a run of everything, in a place of its own, and waits until tests are under way. */
  async function startRun(name: string) {
    const places = { RUNWRIGHT_SESSIONS: join(scratch, `${name}-sessions`), NO_COLOR: '1', HOME: scratch }
    const output = join(scratch, name)
    const main = programPath('harness/cli/main.js')
    const run = execa(process.execPath, [main, 'run', '--output', output, '--jobs', '8'], {
      reject: false,
      stdin: 'ignore',
      all: true,
      env: places,
    })
    let printed = ''
    run.all.on('data', (data) => {
      printed += String(data)
    })
    await until(() => /\n +3\/\d+ /.test(printed) || undefined, {
      timeoutMs: 60_000,
      what: 'three tests to end',
    })
    const sessions = await readdir(places.RUNWRIGHT_SESSIONS)
    return { run, places, output, sessions }
  }

  async function isGone(places: { readonly RUNWRIGHT_SESSIONS: string }, sessions: readonly string[]) {
    expect(sessions).toHaveLength(1)
    await until(async () => !(await exists(places.RUNWRIGHT_SESSIONS)) || undefined, {
      timeoutMs: 30_000,
      what: 'the session to go',
    })
    expect(sessions.flatMap((session) => cgroupDirectoriesNamed(session))).toEqual([])
    expect(sessions.flatMap((session) => processesNaming(session))).toEqual([])
  }

  test('by one SIGINT cleans up and says what it has so far', async () => {
    const { run, places, output, sessions } = await startRun('interrupted')
    run.kill('SIGINT')
    const { exitCode, all } = await run
    expect(exitCode, all).toBe(1)
    expect(all).toMatch(/\d+ tests were planned, \d+ ran/)
    const { tests, planned, totals } = await resultsIn(output)
    expect(tests.length).toBeLessThan(planned)
    expect(totals.pass).toBeGreaterThan(0)
    expect(totals.fail).toBe(0)
    await isGone(places, sessions)
  })

  test('by SIGKILL leaves nothing once clean has been run', async () => {
    const { run, places, sessions } = await startRun('killed')
    run.kill('SIGKILL')
    await run
    const { exitCode, all } = await execa(process.execPath, [programPath('harness/cli/main.js'), 'clean'], {
      reject: false,
      all: true,
      env: places,
    })
    expect(exitCode, all).toBe(0)
    await isGone(places, sessions)
  })
})

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

/** The processes that name a session in their command line. */
function processesNaming(session: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const commandLine = readCommandLine(pid)
      return commandLine.includes(session) ? [commandLine] : []
    })
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '' // it has just ended
  }
}
