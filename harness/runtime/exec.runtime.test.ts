import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../host/index.ts'
import type { ProcessSpec } from '../spec/index.ts'
import type { Container } from './container.ts'
import { installedRuntimes, shell, sleeping, Workshop, whyNoContainers } from './driver.fixture.ts'
import type { Runtime } from './runtime.ts'

function processOf(args: readonly string[], more: Partial<ProcessSpec> = {}): ProcessSpec {
  return { args: [...args], cwd: '/', env: ['PATH=/bin', 'COLOUR=green'], user: { uid: 0, gid: 0 }, ...more }
}

describe.each(await installedRuntimes())('processes executed by $name', (resolved) => {
  let workshop: Workshop
  let runtime: Runtime
  let container: Container

  beforeEach(async (context) => {
    const reason = whyNoContainers()
    context.skip(reason !== undefined, reason)
    workshop = new Workshop(resolved)
    runtime = workshop.driver()
    container = await runtime.runDetached(workshop.bundle(sleeping))
    return async () => {
      await container.remove()
      expect(await workshop.close()).toEqual([])
    }
  })

  test.each([0, 9, 255])('attached: the exit code is exact: %i', async (code) => {
    const result = await container.exec(shell(`echo out; echo err >&2; exit ${code}`))
    expect(result).toMatchObject({ exitCode: code, stdout: 'out\n', stderr: 'err\n' })
  })

  test('attached: killed gives 137', async () => {
    expect((await container.exec(shell('kill -9 $$'))).exitCode).toBe(137)
  })

  test.each([0, 9, 255])('detached: the exit code is exact: %i', async (code) => {
    const process = await container.spawn(shell(`echo out; exit ${code}`))
    expect(await process.wait()).toMatchObject({
      exitCode: code,
      status: { kind: 'exited', code },
      stdout: 'out\n',
    })
  })

  test.each([
    ['SIGKILL', 137],
    ['SIGTERM', 143],
    ['USR1', 138],
  ])('detached: %s gives %i', async (signal, exitCode) => {
    const process = await container.spawn(sleeping)
    expect(process.signal(signal)).toBe('sent')
    expect((await process.wait()).exitCode).toBe(exitCode)
    expect(process.signal(signal)).toBe('gone')
    expect(container.init.isAlive()).toBe(true)
  })

  test('a process file sets arguments, environment, directory and user', async () => {
    const process = processOf(shell('echo "$COLOUR $(pwd) $(id -u):$(id -g)"'), {
      cwd: '/tmp',
      user: { uid: 7, gid: 8 },
    })
    expect((await container.exec(process)).stdout).toBe('green /tmp 7:8\n')
    const spawned = await container.spawn(process)
    expect((await spawned.wait()).stdout).toBe('green /tmp 7:8\n')
  })

  test("a program that is not there is the runtime's failure, told with its reason", async () => {
    for (const start of [
      () => container.exec(['no-such-program']),
      () => container.spawn(['no-such-program']),
    ]) {
      await expect(start()).rejects.toMatchObject({
        code: 'RUNTIME_EXITED',
        message: expect.stringMatching(/exec failed with exit code \d+: .*no-such-program/s),
      })
    }
    expect(readdirSync(join(runtime.directory, container.id)).sort()).toEqual([
      'init',
      'pid',
      'stderr',
      'stdout',
    ])
  })

  test("nothing is kept of an attached process, and a detached one's files go with the container", async () => {
    const before = readdirSync(join(runtime.directory, container.id))
    await container.exec(['true'])
    expect(readdirSync(join(runtime.directory, container.id))).toEqual(before)
    await (await container.spawn(['true'])).wait()
    expect(readdirSync(join(runtime.directory, container.id))).toHaveLength(before.length + 1)
    await container.delete({ force: true })
    expect(readdirSync(runtime.directory)).toEqual(['.commands'])
  })

  test('an ended process does not keep the container from ending', async () => {
    await container.spawn(['true'])
    await container.kill('KILL')
    expect((await container.wait()).exitCode).toBe(137)
    await container.delete()
  })

  test('killing the container ends what is executed in it', async () => {
    const attached = container.exec(sleeping)
    const detached = await container.spawn(sleeping)
    await until(async () => (await container.ps()).length >= 3, {
      timeoutMs: 10_000,
      what: 'all three to run',
    })
    await container.kill('KILL')
    expect((await attached).exitCode).toBe(137)
    expect(await detached.wait()).toMatchObject({
      exitCode: 137,
      status: { kind: 'signaled', signal: 'SIGKILL' },
    })
    await container.wait()
  })

  test('one that takes too long is stopped with what it has started in the container', async () => {
    await expect(container.exec(shell('sleep 600; true'), { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'RUNTIME_TIMED_OUT',
      message: expect.stringContaining('did not end within 500 ms'),
    })
    await until(async () => (await container.ps()).length === 1, {
      timeoutMs: 5_000,
      what: 'only the init to be left',
    })
  })

  test('a paused container refuses, and answers again once it is resumed', async () => {
    await container.pause()
    await expect(container.exec(['true'], { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'RUNTIME_EXITED',
    })
    await container.resume()
    expect((await container.exec(['true'])).exitCode).toBe(0)
  })
})
