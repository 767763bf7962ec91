import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { isProcessAlive, until } from '../host/index.ts'
import { installedRuntimes, shell, sleeping, Workshop, whyNoContainers } from './driver.fixture.ts'
import { recordedContainers } from './own-directories.ts'
import type { Runtime } from './runtime.ts'

describe.each(await installedRuntimes())('containers of $name', (resolved) => {
  let workshop: Workshop
  let runtime: Runtime

  beforeEach((context) => {
    const reason = whyNoContainers()
    context.skip(reason !== undefined, reason)
    workshop = new Workshop(resolved)
    runtime = workshop.driver()
    return async () => expect(await workshop.close()).toEqual([])
  })

  test('go from created to running to stopped, and are deleted', async () => {
    const bundle = workshop.bundle(sleeping)
    await using container = await runtime.create(bundle)
    expect(await container.state()).toMatchObject({
      id: container.id,
      status: 'created',
      pid: container.init.pid,
    })
    await container.start()
    expect(await container.status()).toBe('running')
    expect(container.init.isAlive()).toBe(true)
    await container.kill('KILL')
    expect(await container.wait()).toMatchObject({
      exitCode: 137,
      status: { kind: 'signaled', signal: 'SIGKILL' },
    })
    expect(container.init.isAlive()).toBe(false)
    expect(await container.status()).toBe('stopped')
    await container.delete()
    expect(await runtime.list()).toEqual([])
    expect(recordedContainers(runtime.directory)).toEqual([])
  })

  test.each([0, 1, 42, 255])('the exit code of a created container is exact: %i', async (code) => {
    await using container = await runtime.create(workshop.bundle(shell(`exit ${code}`)))
    await container.start()
    expect(await container.wait()).toMatchObject({ exitCode: code, status: { kind: 'exited', code } })
    expect(await container.wait()).toMatchObject({ exitCode: code })
  })

  test('an end that nobody waited for is still known later', async () => {
    await using container = await runtime.create(workshop.bundle(shell('exit 42')))
    await container.start()
    await until(() => !container.init.isAlive(), { timeoutMs: 10_000, what: 'the container to end' })
    await container.delete()
    expect(await container.wait()).toMatchObject({ exitCode: 42 })
  })

  test('a signal ends a container that has no pid namespace of its own', async () => {
    const bundle = workshop.bundle(sleeping, (spec) => {
      if (spec.linux)
        spec.linux.namespaces = (spec.linux.namespaces ?? []).filter(({ type }) => type !== 'pid')
    })
    await using container = await runtime.create(bundle)
    await container.start()
    await container.kill()
    expect(await container.wait()).toMatchObject({
      exitCode: 143,
      status: { kind: 'signaled', signal: 'SIGTERM' },
    })
  })

  test.each([0, 7, 255])('run gives the exit code of the program: %i', async (code) => {
    const result = await runtime.run(workshop.bundle(shell(`echo out; echo err >&2; exit ${code}`)))
    expect(result).toMatchObject({ exitCode: code, stdout: 'out\n', stderr: 'err\n', log: [] })
    expect(result.command.verb).toBe('run')
  })

  test('run gives 137 for a program that was killed', async () => {
    const id = 'killed-from-outside'
    const running = runtime.run(workshop.bundle(sleeping), { id })
    await until(async () => (await runtime.command(['kill', id, 'KILL'])).exitCode === 0, {
      timeoutMs: 10_000,
      what: 'the container to be killed',
      intervalMs: 50,
    })
    expect((await running).exitCode).toBe(137)
  })

  test('a detached run is a container like any other', async () => {
    await using container = await runtime.runDetached(workshop.bundle(shell('echo started; sleep 600')))
    await until(async () => (await container.init.stdout()) === 'started\n', {
      timeoutMs: 10_000,
      what: 'its output',
    })
    expect(await container.status()).toBe('running')
    expect(container.init.signal('SIGKILL')).toBe('sent')
    expect((await container.wait()).exitCode).toBe(137)
    expect(container.init.signal('SIGKILL')).toBe('gone')
  })

  test('a detached run of a program that ends at once has its exit code too', async () => {
    await using container = await runtime.runDetached(workshop.bundle(shell('exit 3')))
    expect((await container.wait()).exitCode).toBe(3)
  })

  test('what a block uses is removed at its end, created, running, paused or stopped', async () => {
    const bundle = workshop.bundle(sleeping)
    {
      await using created = await runtime.create(bundle)
      await using running = await runtime.runDetached(bundle)
      await using paused = await runtime.runDetached(bundle)
      await paused.pause()
      expect(await paused.status()).toBe('paused')
      await using stopped = await runtime.runDetached(bundle)
      await stopped.kill('KILL')
      await using deleted = await runtime.create(bundle)
      await deleted.delete({ force: true })
      await using deletedByOthers = await runtime.create(bundle)
      await runtime.command(['delete', '--force', deletedByOthers.id])
      expect(await runtime.list()).toHaveLength(4)
      expect([created, running].map(({ id }) => id)).toEqual(expect.arrayContaining([created.id]))
    }
    expect(await runtime.list()).toEqual([])
    expect(recordedContainers(runtime.directory)).toEqual([])
  })

  test('one that the runtime will not delete before it is resumed is resumed', async () => {
    const resumed = join(workshop.directory, 'resumed')
    const command = workshop.wrapper(
      `case "$*" in *" delete "*) [ -e ${resumed} ] || exit 1;; *" resume "*) touch ${resumed};; esac; runtime "$@"`,
    )
    const container = await workshop.driver({ command, prefix: [] }).runDetached(workshop.bundle(sleeping))
    await container.pause()
    await container.remove()
    expect(await runtime.list()).toEqual([])
  })

  test('one that the runtime will not delete at all is an error, and stays on record', async () => {
    const command = workshop.wrapper('case "$*" in *" delete "*) echo never >&2; exit 1;; esac; runtime "$@"')
    const container = await workshop.driver({ command, prefix: [] }).create(workshop.bundle(sleeping))
    await expect(container.remove({ timeoutMs: 2_000 })).rejects.toMatchObject({
      code: 'RUNTIME_EXITED',
      message: expect.stringContaining('delete failed with exit code 1: never'),
    })
    expect(recordedContainers(runtime.directory)).toEqual([container.id])
    await runtime.remove(container.id)
  })

  test('a command can be called in other circumstances, and what it makes is known all the same', async () => {
    const seen = join(workshop.directory, 'seen')
    const called = runtime.called({
      through: ['sh', '-c', `echo "$COLOUR" > ${seen} && exec "$0" "$@"`],
      environment: { COLOUR: 'green' },
    })
    const container = await called.runDetached(workshop.bundle(sleeping))
    expect(readFileSync(seen, 'utf8')).toBe('green\n')
    expect(recordedContainers(runtime.directory)).toEqual([container.id])
    await runtime.remove(container.id)
    expect(recordedContainers(called.directory)).toEqual([])
  })

  test('removing works after the driver itself was aborted', async () => {
    const controller = new AbortController()
    const aborted = workshop.driver({ signal: controller.signal })
    const container = await aborted.runDetached(workshop.bundle(sleeping))
    controller.abort()
    await expect(container.state()).rejects.toMatchObject({ code: 'RUNTIME_ABORTED' })
    await container.remove()
    expect(container.init.isAlive()).toBe(false)
    expect(await runtime.list()).toEqual([])
  })

  test('twenty at once, each with its own end', async () => {
    const codes = Array.from({ length: 20 }, (_, index) => index + 1)
    const ended = await Promise.all(
      codes.map(async (code) => {
        await using container = await runtime.create(workshop.bundle(shell(`echo ${code}; exit ${code}`)))
        await container.start()
        return await container.wait()
      }),
    )
    expect(ended.map(({ exitCode }) => exitCode)).toEqual(codes)
    expect(ended.map(({ stdout }) => stdout)).toEqual(codes.map((code) => `${code}\n`))
  }, 120_000)

  test('ids are unique and begin with the prefix', async () => {
    const prefixed = workshop.driver({ idPrefix: 'mine' })
    const alike = workshop.driver({ idPrefix: 'mine' })
    await using one = await prefixed.create(workshop.bundle(sleeping))
    await using other = await alike.create(workshop.bundle(sleeping))
    expect([one.id, other.id]).toEqual(['mine-0001', 'mine-0002'])
  })

  test('one is not taken for another whose id begins alike', async () => {
    await using other = await runtime.create(workshop.bundle(sleeping), { id: 'alike-10' })
    await runtime.run(workshop.bundle(['true']), { id: 'alike-1' })
    expect(recordedContainers(runtime.directory)).toEqual([other.id])
  })

  test('an id that is no id is refused before anything is made', async () => {
    await expect(runtime.create(workshop.bundle(sleeping), { id: '../escape' })).rejects.toMatchObject({
      code: 'INVALID_CONTAINER_ID',
    })
    expect(existsSync(join(runtime.directory, '../escape'))).toBe(false)
    expect(existsSync(runtime.directory) ? recordedContainers(runtime.directory) : []).toEqual([])
  })

  test("the harness keeps its files in its own directory, not in the runtime's", async () => {
    await using container = await runtime.create(workshop.bundle(sleeping))
    await container.start()
    await using _second = await runtime.create(workshop.bundle(sleeping))
    const files = readdirSync(join(runtime.root, container.id))
    expect(files.filter((name) => name.includes('pid') || name === 'stdout')).toEqual([])
    expect(readdirSync(join(runtime.directory, container.id)).sort()).toEqual([
      'init',
      'pid',
      'stderr',
      'stdout',
    ])
  })

  test('a container that another driver deletes is simply gone', async () => {
    const container = await runtime.create(workshop.bundle(sleeping))
    await workshop.driver().delete(container.id, { force: true })
    expect(recordedContainers(runtime.directory)).toEqual([])
    await container.remove()
    await until(() => !container.init.isAlive(), { timeoutMs: 5_000, what: 'the init to end' })
    const { identity } = container.init
    expect(identity !== undefined && isProcessAlive(identity)).toBe(false)
  })
})
