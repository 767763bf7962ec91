import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RuntimeError } from './errors.ts'
import { recordedContainers } from './own-directories.ts'
import { Runtime, type RuntimeOptions } from './runtime.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-hollow-'))
  mkdirSync(join(directory, 'bundle'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function driverOf(command: string, options: Partial<RuntimeOptions> = {}): Runtime {
  return new Runtime({
    command,
    root: join(directory, 'root'),
    directory: join(directory, 'own'),
    timeoutMs: 5_000,
    ...options,
  })
}

/** A program that does this and is no runtime at all. */
function script(text: string): string {
  const file = join(directory, 'script')
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return file
}

type Call = (runtime: Runtime) => Promise<unknown>

/** Everything that a runtime has to do something for. */
const calls: Readonly<Record<string, Call>> = {
  create: (runtime) => runtime.create({ path: join(directory, 'bundle') }),
  run: (runtime) => runtime.run({ path: join(directory, 'bundle') }),
  'run detached': (runtime) => runtime.runDetached({ path: join(directory, 'bundle') }),
  restore: (runtime) => runtime.restore({ path: join(directory, 'bundle') }, { imagePath: '/image' }),
  exec: (runtime) => runtime.exec('x', ['true']),
  spawn: (runtime) => runtime.spawn('x', ['true']),
  load: (runtime) => runtime.load('x'),
  state: (runtime) => runtime.state('x'),
  list: (runtime) => runtime.list(),
  ps: (runtime) => runtime.ps('x'),
  stats: (runtime) => runtime.stats('x'),
  features: (runtime) => runtime.features(),
  spec: (runtime) => runtime.spec(),
}

/** What a runtime could only not do; that it says it did has to be believed. */
const silentCalls: Readonly<Record<string, Call>> = {
  start: (runtime) => runtime.start('x'),
  kill: (runtime) => runtime.kill('x'),
  delete: (runtime) => runtime.delete('x'),
  pause: (runtime) => runtime.pause('x'),
  resume: (runtime) => runtime.resume('x'),
  update: (runtime) => runtime.update('x', {}),
  checkpoint: (runtime) => runtime.checkpoint('x', { imagePath: '/image' }),
  top: (runtime) => runtime.top('x'),
  version: (runtime) => runtime.version(),
  events: (runtime) => runtime.events('x').next(),
}

async function failureOf(call: Call, runtime: Runtime): Promise<RuntimeError> {
  const error: unknown = await call(runtime).then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof RuntimeError)) throw error
  expect(recordedContainers(runtime.directory)).toEqual([])
  await runtime.settled()
  expect(readdirSync(join(runtime.directory, '.commands'))).toEqual([])
  return error
}

describe('a runtime that does nothing and succeeds', () => {
  test.each(Object.entries(calls))('%s is an error that says what is missing', async (_what, call) => {
    const error = await failureOf(call, driverOf('/bin/true'))
    expect(error.code).toBe('RUNTIME_OUTPUT')
    expect(error.message).toMatch(/wrote no pid file|printed nothing|wrote no configuration/)
  })
})

describe('a runtime that does nothing and fails', () => {
  test.each(Object.entries({ ...calls, ...silentCalls }))('%s is an error', async (_what, call) => {
    const error = await failureOf(call, driverOf('/bin/false'))
    expect(error).toMatchObject({ code: 'RUNTIME_EXITED', exitCode: 1 })
    expect(error.message).toMatch(/^false \S+ failed with exit code 1\n {2}command: \/bin\/false /)
  })

  test('a raw command has a result', async () => {
    expect(await driverOf('/bin/false').command(['anything'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      log: [],
    })
  })
})

describe('a runtime that is not there', () => {
  test.each(Object.entries({ ...calls, ...silentCalls }))('%s is an error', async (_what, call) => {
    const error = await failureOf(call, driverOf('/no/such/runtime'))
    expect(error.code).toBe('RUNTIME_NOT_STARTED')
    expect(error.message).toContain('could not be started: /no/such/runtime is not there')
  })

  test('a raw command is an error too', async () => {
    await expect(driverOf('/no/such/runtime').command(['x'])).rejects.toMatchObject({
      code: 'RUNTIME_NOT_STARTED',
    })
  })
})

describe('a runtime that hangs', () => {
  test.each(Object.entries({ ...calls, ...silentCalls }))('%s is stopped', async (_what, call) => {
    const error = await failureOf(
      call,
      driverOf(script('sleep 600'), { timeoutMs: 100, signal: AbortSignal.timeout(200) }),
    )
    expect(error.code).toMatch(/^RUNTIME_(TIMED_OUT|ABORTED)$/)
  })
})

describe('what a runtime prints', () => {
  test.each([
    ['is no JSON', 'echo hello', /printed something that is not JSON/],
    ['is JSON of another kind', 'echo "[]"', /printed JSON that is not a state/],
    ['lacks a member', `echo '{"ociVersion":"1.0.0","id":"x","bundle":"/b"}'`, /not a state: status/],
    ['is more than is read', 'head -c 20000000 /dev/zero', /printed more than the harness is ready to read/],
  ])('%s', async (_what, text, message) => {
    const error = await failureOf((runtime) => runtime.state('x'), driverOf(script(text)))
    expect(error.code).toBe('RUNTIME_OUTPUT')
    expect(error.message).toMatch(message)
    expect(error.message.length).toBeLessThan(20_000)
  })

  test.for(['state', 'run', 'exec'])(
    'for %s without end is stopped before it fills the memory',
    async (verb) => {
      const error = await failureOf(
        calls[verb] ?? expect.unreachable(),
        driverOf(script('exec yes'), { timeoutMs: 60_000 }),
      )
      expect(error).toMatchObject({ code: 'RUNTIME_OUTPUT', message: expect.stringContaining('was stopped') })
    },
  )

  test('for a run that lasts as long as its container is kept out of files', async () => {
    const runtime = driverOf(
      script(
        'while [ $# -gt 0 ]; do [ "$1" = --pid-file ] && ls "$(dirname "$2")" && echo $$ > "$2"; shift; done; :',
      ),
    )
    expect(await runtime.run({ path: join(directory, 'bundle') })).toMatchObject({ exitCode: 0, stdout: '' })
  })

  test('as a state is passed on as it is, large numbers too', async () => {
    const state = '{"ociVersion":"1.0.0","id":"x","status":"odd","bundle":"/b","more":9007199254740993}'
    expect(await driverOf(script(`echo '${state}'`)).state('x')).toEqual({
      ociVersion: '1.0.0',
      id: 'x',
      status: 'odd',
      bundle: '/b',
      more: 9007199254740993n,
    })
  })

  test('as a list may be null', async () => {
    expect(await driverOf(script('echo null')).list()).toEqual([])
  })

  test('into a pid file has to be a pid', async () => {
    const runtime = driverOf(
      script('while [ $# -gt 0 ]; do [ "$1" = --pid-file ] && echo -1 > "$2"; shift; done'),
    )
    const error = await failureOf((driver) => driver.create({ path: '/bundle' }), runtime)
    expect(error).toMatchObject({
      code: 'RUNTIME_OUTPUT',
      message: expect.stringContaining('is no pid: "-1\\n"'),
    })
  })
})

describe('the end of a run', () => {
  const options = 'while [ $# -gt 0 ]; do case "$1" in --pid-file) pid=$2;; --log) log=$2;; esac; shift; done'
  const error = `echo '{"level":"error","msg":"went wrong"}' >> "$log"`
  const bundle = { path: '/bundle' }

  test("is the program's when there was one and the runtime logged no error", async () => {
    const warning = `echo '{"level":"warning","msg":"odd"}' >> "$log"`
    const runtime = driverOf(script(`${options}; echo $$ > "$pid"; ${error}; ${warning}; exit 3`))
    expect(await runtime.run(bundle)).toMatchObject({
      exitCode: 3,
      status: { kind: 'exited', code: 3 },
      log: [{ level: 'error', message: 'went wrong' }, { message: 'odd' }],
    })
  })

  test.each([
    ['there was no program', `${options}; exit 3`, /^script run failed with exit code 3/],
    [
      'it logged an error last',
      `${options}; echo $$ > "$pid"; ${error}; exit 3`,
      /exit code 3: went wrong\n/,
    ],
  ])("is the runtime's when %s", async (_what, text, message) => {
    const failure = await failureOf((runtime) => runtime.run(bundle), driverOf(script(text)))
    expect(failure).toMatchObject({ code: 'RUNTIME_EXITED', exitCode: 3 })
    expect(failure.message).toMatch(message)
  })

  test('is a success although the runtime logged an error', async () => {
    const runtime = driverOf(script(`${options}; echo $$ > "$pid"; ${error}`))
    expect((await runtime.run(bundle)).exitCode).toBe(0)
  })
})

describe('events that a runtime prints', () => {
  async function eventsOf(text: string): Promise<{ readonly types: string[]; readonly error: unknown }> {
    const types: string[] = []
    try {
      for await (const { type } of driverOf(script(text)).events('x')) types.push(type)
      return { types, error: undefined }
    } catch (error) {
      return { types, error }
    }
  }

  test('are all told, until it ends', async () => {
    expect(await eventsOf(`echo '{"type":"oom","id":"x"}'; printf '{"type":"last"}'`)).toEqual({
      types: ['oom', 'last'],
      error: undefined,
    })
  })

  test('end with an error where one is no event', async () => {
    const { types, error } = await eventsOf(`echo '{"type":"oom"}'; echo oops; while :; do sleep 1; done`)
    expect(types).toEqual(['oom'])
    expect(error).toMatchObject({
      code: 'RUNTIME_OUTPUT',
      message: expect.stringContaining('no event: oops'),
    })
  })

  test('are told before the error of a runtime that fails then', async () => {
    const { types, error } = await eventsOf(`echo '{"type":"oom"}'; echo went wrong >&2; exit 3`)
    expect(types).toEqual(['oom'])
    expect(error).toMatchObject({
      code: 'RUNTIME_EXITED',
      exitCode: 3,
      message: expect.stringContaining('went wrong'),
    })
  })

  test('end with the runtime although another process holds its output', async () => {
    const pidFile = join(directory, 'pid')
    const { types, error } = await eventsOf(`echo '{"type":"oom"}'; sleep 60 & echo $! > ${pidFile}`)
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    expect({ types, error }).toEqual({ types: ['oom'], error: undefined })
  })

  test('leaving the loop stops the runtime', async () => {
    const pidFile = join(directory, 'pid')
    const runtime = driverOf(script(`echo $$ > ${pidFile}; echo '{"type":"oom"}'; exec sleep 600`))
    for await (const _event of runtime.events('x')) break
    expect(existsSync(pidFile)).toBe(true)
    await runtime.settled()
    expect(readdirSync(join(runtime.directory, '.commands'))).toEqual([])
  })
})

test.each(['command', 'root', 'directory'])('an empty %s is refused', (name) => {
  expect(() => driverOf('/bin/true', { [name]: '' })).toThrow(`the option ${name} of a runtime is empty`)
})
