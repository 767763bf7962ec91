import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { identifyProcess, until } from '../host/index.ts'
import type { CommandRecord } from './command-record.ts'
import { installedRuntimes, shell, sleeping, Workshop, whyNoContainers } from './driver.fixture.ts'
import { RuntimeError } from './errors.ts'
import { recordedContainers } from './own-directories.ts'
import { Runtime } from './runtime.ts'

async function rejection(promise: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof RuntimeError) return error
  throw error
}

function hookOf(script: string) {
  return [{ path: '/bin/sh', args: ['sh', '-c', script] }]
}

describe.each(await installedRuntimes())('failures of $name', (resolved) => {
  let workshop: Workshop
  let runtime: Runtime

  beforeEach((context) => {
    const reason = whyNoContainers()
    context.skip(reason !== undefined, reason)
    workshop = new Workshop(resolved)
    runtime = workshop.driver()
    return async () => expect(await workshop.close()).toEqual([])
  })

  async function expectNothingLeft(): Promise<void> {
    expect(await runtime.list()).toEqual([])
    expect(recordedContainers(runtime.directory)).toEqual([])
    expect(readdirSync(runtime.root)).toEqual([])
  }

  test('a refused create tells command, exit code, standard error and log, and leaves nothing', async () => {
    const bundle = workshop.bundle(['no-such-program'])
    const error = await rejection(runtime.create(bundle, { id: 'refused' }))
    expect(error.code).toBe('RUNTIME_EXITED')
    expect(error.exitCode).toBe(1)
    expect(error.stderr).toContain('no-such-program')
    expect(error.logEntries.at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringContaining('no-such-program'),
    })
    expect(error.message).toMatch(/create failed with exit code 1: .*no-such-program/)
    expect(error.message).toContain(`--bundle ${bundle.path}`)
    await expectNothingLeft()
  })

  test('the command line of an error, pasted into a shell, fails in the same way', async () => {
    const error = await rejection(runtime.state('nobody'))
    const again = spawnSync('/bin/sh', ['-c', error.commandLine], { encoding: 'utf8' })
    expect(again.status).toBe(error.exitCode)
    expect(again.stderr).toContain(error.logEntries.at(-1)?.message ?? 'a logged error')
    expect(error.commandLine).not.toContain('--log')
  })

  test('a run that the runtime refuses is an error, one whose program fails is a result', async () => {
    expect((await rejection(runtime.run(workshop.bundle(['no-such-program'])))).code).toBe('RUNTIME_EXITED')
    expect((await runtime.run(workshop.bundle(['false']))).exitCode).toBe(1)
    await expectNothingLeft()
  })

  test('a create that is refused because the id is taken leaves the other container alone', async () => {
    await using first = await runtime.create(workshop.bundle(sleeping), { id: 'taken' })
    expect((await rejection(runtime.create(workshop.bundle(sleeping), { id: 'taken' }))).code).toBe(
      'RUNTIME_EXITED',
    )
    expect(await first.status()).toBe('created')
    expect(first.init.isAlive()).toBe(true)
  })

  test('so it does when the runtime does not say since when the other is there', async () => {
    const command = workshop.wrapper(
      'case "$*" in *" state "*) runtime "$@" | grep -v created.:;; *) runtime "$@";; esac',
    )
    const terse = workshop.driver({ command, prefix: [] })
    await using first = await terse.create(workshop.bundle(sleeping), { id: 'taken' })
    expect(await first.state()).not.toHaveProperty('created')
    expect((await rejection(terse.create(workshop.bundle(sleeping), { id: 'taken' }))).code).toBe(
      'RUNTIME_EXITED',
    )
    expect(first.init.isAlive()).toBe(true)
  })

  test("so it does when the other container was made behind the driver's back", async () => {
    const bundle = workshop.bundle(sleeping)
    const made = await runtime.command(['create', '--bundle', bundle.path, 'taken'], { timeoutMs: 10_000 })
    expect(made.exitCode).toBe(0)
    expect((await rejection(runtime.create(bundle, { id: 'taken' }))).code).toBe('RUNTIME_EXITED')
    expect((await runtime.state('taken')).status).toBe('created')
    await runtime.remove('taken')
  })

  test.each(['prestart', 'createRuntime'] as const)(
    'a create that hangs in a %s hook is stopped and leaves nothing',
    async (kind) => {
      const pidFile = join(workshop.directory, 'hook')
      const bundle = workshop.bundle(sleeping, (spec) => {
        spec.hooks = { [kind]: hookOf(`echo $$ > ${pidFile}; sleep 600`) }
      })
      const error = await rejection(runtime.create(bundle, { timeoutMs: 1_500 }))
      expect(error.code).toBe('RUNTIME_TIMED_OUT')
      expect(error.message).toContain('did not end within 1500 ms and was stopped')
      const hook = Number(readFileSync(pidFile, 'utf8'))
      await until(() => identifyProcess(hook) === undefined, { timeoutMs: 5_000, what: 'the hook to end' })
      await expectNothingLeft()
    },
  )

  test('a create behind a wrapper that hangs is stopped with the wrapper', async () => {
    const pidFile = join(workshop.directory, 'pid')
    const command = workshop.wrapper(
      `case "$*" in *create*) sleep 600 & echo $! > ${pidFile}; wait;; esac; runtime "$@"`,
    )
    const slow = workshop.driver({ command, prefix: [] })
    const error = await rejection(slow.create(workshop.bundle(sleeping), { timeoutMs: 1_000 }))
    expect(error.code).toBe('RUNTIME_TIMED_OUT')
    const child = Number(readFileSync(pidFile, 'utf8'))
    await until(() => identifyProcess(child) === undefined, { timeoutMs: 5_000, what: 'the child to end' })
    await expectNothingLeft()
  })

  test('a create that hangs once the container is there is stopped and leaves nothing', async () => {
    const command = workshop.wrapper('runtime "$@"; case "$*" in *create*) sleep 600;; esac')
    const slow = workshop.driver({ command, prefix: [] })
    const error = await rejection(slow.create(workshop.bundle(sleeping), { id: 'late', timeoutMs: 2_000 }))
    expect(error.code).toBe('RUNTIME_TIMED_OUT')
    await expectNothingLeft()
  })

  test("a create is aborted by the caller's signal, and leaves nothing", async () => {
    const controller = new AbortController()
    const started = join(workshop.directory, 'started')
    const bundle = workshop.bundle(sleeping, (spec) => {
      spec.hooks = { prestart: hookOf(`touch ${started}; sleep 600`) }
    })
    const creation = rejection(runtime.create(bundle, { signal: controller.signal }))
    await until(() => existsSync(started), { timeoutMs: 10_000, what: 'the hook to start' })
    controller.abort(new Error('enough'))
    const error = await creation
    expect(error.code).toBe('RUNTIME_ABORTED')
    expect(error.cause).toMatchObject({ message: 'enough' })
    await expectNothingLeft()
  })

  test('a run that takes too long is stopped and leaves nothing', async () => {
    const pids: number[] = []
    const id = 'endless'
    const running = rejection(
      runtime.run(workshop.bundle(shell(`trap '' TERM; sleep 600`)), { id, timeoutMs: 3_000 }),
    )
    await until(
      async () => {
        const { exitCode, stdout } = await runtime.command(['ps', '--format', 'json', id])
        if (exitCode === 0) pids.push(...(stdout.match(/\d+/g) ?? []).map(Number))
        return pids.length > 0
      },
      { timeoutMs: 2_500, what: 'the container to run', intervalMs: 50 },
    )
    expect((await running).code).toBe('RUNTIME_TIMED_OUT')
    for (const pid of pids) expect(identifyProcess(pid)).toBeUndefined()
    await expectNothingLeft()
  })

  test('a runtime that is killed is told from one that fails', async () => {
    const command = workshop.wrapper('kill -SEGV $$')
    const crashing = workshop.driver({ command, prefix: [] })
    const error = await rejection(crashing.create(workshop.bundle(sleeping)))
    expect(error).toMatchObject({ code: 'RUNTIME_SIGNALED', signal: 'SIGSEGV', exitCode: undefined })
    expect(error.message).toContain('create was killed by SIGSEGV')
    await expectNothingLeft()
  })

  test('a wrapper that does nothing else works', async () => {
    const wrapped = workshop.driver({ command: workshop.wrapper('runtime "$@"'), prefix: [] })
    await using container = await wrapped.create(workshop.bundle(shell('exit 42')))
    await container.start()
    expect((await container.wait()).exitCode).toBe(42)
    expect((await wrapped.run(workshop.bundle(shell('exit 7')))).exitCode).toBe(7)
  })

  test('commands that overlap keep their logs apart', async () => {
    const errors = await Promise.all(
      Array.from({ length: 12 }, (_, index) => rejection(runtime.start(`nobody-${index}`))),
    )
    for (const [index, { logEntries }] of errors.entries()) {
      expect(logEntries.length).toBeLessThanOrEqual(1)
      expect(logEntries.map(({ message }) => message).join()).not.toMatch(
        new RegExp(`nobody-(?!${index}\\b)`),
      )
    }
  })

  test.each(['json', 'text'] as const)(
    "a log of the caller's is written to as %s, and read",
    async (logFormat) => {
      const log = join(workshop.directory, 'log')
      const logging = workshop.driver({ log, logFormat })
      await rejection(logging.start('nobody-1'))
      const error = await rejection(logging.start('nobody-2'))
      expect(error.logEntries).toHaveLength(1)
      expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(2)
      expect(error.commandLine).toContain(`--log ${log} --log-format ${logFormat}`)
    },
  )

  test('every command is told to the observer', async () => {
    const records: CommandRecord[] = []
    const observed = workshop.driver({ observer: (record) => records.push(record) })
    await using container = await observed.create(workshop.bundle(shell('exit 0')))
    await container.start()
    await container.wait()
    await container.delete()
    await rejection(observed.state(container.id))
    expect(records.map(({ verb, exitCode }) => [verb, exitCode])).toEqual([
      ['create', 0],
      ['start', 0],
      ['delete', 0],
      ['state', 1],
    ])
    for (const { argv, reproduction, durationMs, startedAt, timedOut } of records) {
      expect(argv).toContain('--log')
      expect(reproduction).not.toContain('--log')
      expect(durationMs).toBeGreaterThan(0)
      expect(Math.abs(Date.now() - startedAt)).toBeLessThan(60_000)
      expect(timedOut).toBe(false)
    }
  })

  test('what a service manager addressed to this process is not passed on', async () => {
    const command = workshop.wrapper('env >&2; exit 3')
    const telling = workshop.driver({
      command,
      prefix: [],
      environment: { COLOUR: 'green', HOME: undefined },
    })
    process.env['NOTIFY_SOCKET'] = '/run/notify'
    process.env['LISTEN_FDS'] = '1'
    try {
      const { stderr } = await new Runtime({
        command,
        root: runtime.root,
        directory: runtime.directory,
      }).command(['x'])
      expect(stderr).not.toMatch(/^(NOTIFY_SOCKET|LISTEN_FDS)=/m)
      expect(stderr).toMatch(/^HOME=/m)
    } finally {
      delete process.env['NOTIFY_SOCKET']
      delete process.env['LISTEN_FDS']
    }
    const { stderr } = await telling.command(['x'])
    expect(stderr).toMatch(/^COLOUR=green$/m)
    expect(stderr).not.toMatch(/^HOME=/m)
  })

  test('a raw command passes anything on and gives its result', async () => {
    const result = await runtime.command(['create'])
    expect(result.exitCode).not.toBe(0)
    expect(result.status).toMatchObject({ kind: 'exited' })
    expect(result.stderr).not.toBe('')
    expect((await runtime.command(['state', '../x'])).exitCode).not.toBe(0)
  })

  test('a raw create gives the container files, not pipes that break', async () => {
    const bundle = workshop.bundle(shell('sleep 0.2; echo late; sleep 0.1; exit 9'))
    const made = await runtime.command(['run', '--detach', '--bundle', bundle.path, 'raw'], {
      timeoutMs: 10_000,
    })
    expect(made.exitCode).toBe(0)
    await using container = await runtime.load('raw')
    expect((await container.wait()).exitCode).toBe(9)
  })

  test('the process of a container that has ended is never mistaken for a later one', async () => {
    await using container = await runtime.runDetached(workshop.bundle(['true']))
    await container.wait()
    const loaded = await runtime.load(container.id)
    expect(loaded.init.isAlive()).toBe(false)
    expect(loaded.init.identity).toEqual(container.init.identity)
    expect((await loaded.wait()).exitCode).toBe(0)
    expect(loaded.init.signal('KILL')).toBe('gone')
  })
})
