import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../host/index.ts'
import { installedRuntimes, shell, sleeping, Workshop, whyNoContainers } from './driver.fixture.ts'
import type { Runtime } from './runtime.ts'
import type { RuntimeEvent } from './stats.ts'

describe.each(await installedRuntimes())('verbs of $name', (resolved) => {
  const lacks = (...features: readonly string[]) =>
    features.some((feature) => resolved.lacks.some((it) => it === feature))
  let workshop: Workshop
  let runtime: Runtime

  beforeEach((context) => {
    const reason = whyNoContainers()
    context.skip(reason !== undefined, reason)
    workshop = new Workshop(resolved)
    runtime = workshop.driver()
    return async () => expect(await workshop.close()).toEqual([])
  })

  test('state and list tell the same', async () => {
    expect(await runtime.list()).toEqual([])
    const bundle = workshop.bundle(sleeping, (spec) => {
      spec.annotations = { colour: 'green' }
    })
    await using container = await runtime.create(bundle)
    expect(await container.state()).toMatchObject({
      id: container.id,
      status: 'created',
      pid: container.init.pid,
      bundle: bundle.path,
      annotations: { colour: 'green' },
    })
    const { id, pid } = { id: container.id, pid: container.init.pid }
    expect(await runtime.list()).toMatchObject([{ id, pid, status: 'created', bundle: bundle.path }])
  })

  test('ps gives pids of the host, top a table of them', async (context) => {
    context.skip(lacks('ps'), `${resolved.name} has no ps`)
    await using container = await runtime.runDetached(workshop.bundle(shell('sleep 600 & sleep 600; true')))
    await until(async () => (await container.ps()).length === 3, {
      timeoutMs: 10_000,
      what: 'three processes',
    })
    expect(await container.ps()).toContain(container.init.pid)
    const { headers, processes } = await container.top()
    const column = headers.indexOf('PID')
    expect(processes.map((fields) => Number(fields[column]))).toContain(container.init.pid)
    expect(processes).toHaveLength(3)
  })

  test('top passes arguments to ps', async (context) => {
    context.skip(lacks('top'), `ps of ${resolved.name} takes no arguments`)
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    expect(await container.top(['-o', 'pid,args'])).toEqual({
      headers: ['PID', 'COMMAND'],
      processes: [[String(container.init.pid), 'sleep 600']],
    })
  })

  test('pause stops all processes, resume lets them go on', async () => {
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    await container.pause()
    expect(await container.status()).toBe('paused')
    await container.resume()
    expect(await container.status()).toBe('running')
  })

  test('kill sends any signal, by name or number', async () => {
    const script = `trap 'echo usr1' USR1; trap 'echo rtmin; exit 0' RTMIN; echo ready; while :; do sleep 0.05; done`
    await using container = await runtime.runDetached(workshop.bundle(shell(script)))
    await until(async () => (await container.init.stdout()) === 'ready\n', {
      timeoutMs: 10_000,
      what: 'it to be ready',
    })
    await container.kill('USR1')
    await until(async () => (await container.init.stdout()) === 'ready\nusr1\n', {
      timeoutMs: 10_000,
      what: 'USR1',
    })
    await container.kill(10)
    await until(async () => (await container.init.stdout()).endsWith('usr1\nusr1\n'), {
      timeoutMs: 10_000,
      what: '10',
    })
    await expect(container.kill('BOGUS')).rejects.toMatchObject({ code: 'UNKNOWN_SIGNAL' })
    await container.kill('SIGKILL', { all: true })
    expect((await container.wait()).exitCode).toBe(137)
  })

  test('update changes a limit', async (context) => {
    context.skip(lacks('update'), `${resolved.name} has no update`)
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    await container.update({ pids: { limit: 17 } })
    if (!lacks('stats')) expect((await container.stats()).pids?.limit).toBe(17)
    await expect(container.update({ memory: { limit: 1 } })).rejects.toMatchObject({ code: 'RUNTIME_EXITED' })
  })

  test('stats measure the container', async (context) => {
    context.skip(lacks('stats'), `${resolved.name} has no stats`)
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    const stats = await container.stats()
    expect(stats.pids?.current).toBe(1)
    expect(Number(stats.memory?.usage?.usage)).toBeGreaterThan(0)
  })

  test('events come at intervals below a second, until the loop is left', async (context) => {
    context.skip(lacks('events'), `${resolved.name} has no events`)
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    const events: RuntimeEvent[] = []
    for await (const event of container.events({ intervalMs: 50, timeoutMs: 10_000 })) {
      events.push(event)
      if (events.length === 3) break
    }
    expect(events.map(({ type, id }) => [type, id])).toEqual(
      Array.from({ length: 3 }, () => ['stats', container.id]),
    )
    expect(events[0]?.stats?.pids?.current).toBe(1)
  })

  test('events tell of a container that runs out of memory, and end with it', async (context) => {
    context.skip(lacks('events'), `${resolved.name} has no events`)
    const bundle = workshop.bundle(shell('sleep 0.5; x=x; while :; do x=$x$x; done'), (spec) => {
      spec.linux = { ...spec.linux, resources: { ...spec.linux?.resources, memory: { limit: 16 * 2 ** 20 } } }
    })
    await using container = await runtime.runDetached(bundle)
    const types: string[] = []
    for await (const { type } of container.events({ intervalMs: 10_000, timeoutMs: 15_000 })) {
      types.push(type)
      if (type === 'oom') break
    }
    expect(types).toContain('oom')
    expect((await container.wait()).exitCode).toBe(137)
  })

  test('events of a container that is not there are an error', async (context) => {
    context.skip(lacks('events'), `${resolved.name} has no events`)
    await expect(runtime.events('nobody').next()).rejects.toMatchObject({ code: 'RUNTIME_EXITED' })
  })

  test('events are ended by a signal and by a time limit', async (context) => {
    context.skip(lacks('events'), `${resolved.name} has no events`)
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    const controller = new AbortController()
    const aborted = container.events({ intervalMs: 100, signal: controller.signal })
    expect((await aborted.next()).done).toBe(false)
    controller.abort()
    await expect(Promise.all([aborted.next(), aborted.next(), aborted.next()])).rejects.toMatchObject({
      code: 'RUNTIME_ABORTED',
    })
    const late = container.events({ intervalMs: 600_000, timeoutMs: 300 })
    await expect(Promise.all([late.next(), late.next()])).rejects.toMatchObject({ code: 'RUNTIME_TIMED_OUT' })
  })

  test('the version tells name and numbers', async () => {
    expect(await runtime.version()).toMatchObject({
      name: resolved.profile,
      version: expect.stringMatching(/^[\w.]+/),
      spec: expect.stringMatching(/^1\./),
    })
  })

  test('features name the versions of the specification', async (context) => {
    context.skip(lacks('features'), `${resolved.name} has no features`)
    expect(await runtime.features()).toMatchObject({
      ociVersionMin: '1.0.0',
      ociVersionMax: expect.any(String),
    })
  })

  test.each([false, true])('spec writes a configuration: rootless %s', async (rootless) => {
    const { process, linux } = await runtime.spec({ rootless })
    expect(process?.args).toEqual(['sh'])
    expect(linux?.namespaces?.some(({ type }) => type === 'user')).toBe(rootless)
  })

  test("a checkpoint that cannot be made is an error with CRIU's reason", async (context) => {
    context.skip(lacks('checkpoint'), `${resolved.name} has no checkpoint`)
    await using container = await runtime.create(workshop.bundle(sleeping))
    // A created container cannot be dumped on any host.
    const dump = container.checkpoint({
      imagePath: `${workshop.directory}/image`,
      workPath: `${workshop.directory}/work`,
    })
    await expect(dump).rejects.toMatchObject({
      code: 'RUNTIME_EXITED',
      message: expect.stringContaining('--image-path'),
    })
  })

  test('a restore without an image is an error and leaves nothing', async (context) => {
    context.skip(lacks('restore'), `${resolved.name} has no restore`)
    const restoring = runtime.restore(workshop.bundle(sleeping), {
      imagePath: `${workshop.directory}/no-image`,
    })
    await expect(restoring).rejects.toMatchObject({ code: 'RUNTIME_EXITED' })
    expect(await runtime.list()).toEqual([])
  })

  describe('a container that another process created', () => {
    const compiled = fileURLToPath(new URL('../../dist/modules/harness/runtime/index.js', import.meta.url))
    const creator = fileURLToPath(new URL('creator.fixture.mjs', import.meta.url))

    test('is loaded with its output; how it ended is not known, and not said to be 0', async (context) => {
      context.skip(!existsSync(compiled), 'the package is not built: npm run build')
      const { program: command, prefix, root, directory } = runtime
      const options = JSON.stringify({ command, prefix, arguments: runtime.arguments, root, directory })
      const bundle = workshop.bundle(shell('echo made elsewhere; sleep 600'))
      const parent = spawn(process.execPath, [creator, options, bundle.path, 'theirs'], { stdio: 'pipe' })
      await once(parent.stdout, 'data')
      const container = await runtime.load('theirs')
      expect(container.bundle.path).toBe(bundle.path)
      await until(async () => (await container.init.stdout()) === 'made elsewhere\n', {
        timeoutMs: 10_000,
        what: 'its output',
      })
      expect((await container.exec(['echo', 'hello'])).stdout).toBe('hello\n')
      expect(container.init.signal('KILL')).toBe('sent')
      expect(await container.wait()).toMatchObject({
        exitCode: undefined,
        status: undefined,
        stdout: 'made elsewhere\n',
      })
      await container.remove()
      parent.stdin.end()
      await once(parent, 'exit')
    })

    test('by the bare runtime is loaded too', async () => {
      const bundle = workshop.bundle(sleeping)
      const { program, prefix, root } = runtime
      const argv = [
        ...prefix,
        program,
        ...runtime.arguments,
        '--root',
        root,
        'run',
        '--detach',
        '--bundle',
        bundle.path,
        'bare',
      ]
      execFileSync('/usr/bin/env', argv, { stdio: 'ignore', timeout: 30_000 })
      await using container = await runtime.load('bare')
      expect(container.init.isAlive()).toBe(true)
      await expect(container.init.stdout()).rejects.toMatchObject({ code: 'OUTPUT_NOT_CAPTURED' })
      expect((await container.exec(['true'])).exitCode).toBe(0)
      const spawned = await container.spawn(shell('echo hello; exit 4'))
      expect(await spawned.wait()).toMatchObject({ exitCode: 4, stdout: 'hello\n' })
    })
  })

  test('nobody is loaded who is not there', async () => {
    await expect(runtime.load('nobody')).rejects.toMatchObject({ code: 'RUNTIME_EXITED' })
    await expect(runtime.load('../x')).rejects.toMatchObject({ code: 'INVALID_CONTAINER_ID' })
  })
})
