// Faulty runtimes in front of the real ones, driven as a session drives any runtime.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Session } from '../guard/index.ts'
import { packageDirectory, until } from '../host/index.ts'
import { type ResolvedRuntime, type Runtime, resolveRuntime } from '../runtime/index.ts'
import { changing } from '../spec/index.ts'
import { all, answer, configuration, type Effect, executedProcess, skip, updatedResources } from './effect.ts'
import { FaultServer } from './fault-server.ts'

const isRoot = process.geteuid?.() === 0
const names = ['runc', 'crun']
const installed = isRoot ? await Promise.allSettled(names.map((name) => resolveRuntime(name))) : []
const runtimes = installed.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))

describe.skipIf(!isRoot).each(runtimes)('a faulty $profile', (real: ResolvedRuntime) => {
  let session: Session
  let server: FaultServer
  let last = 0

  beforeAll(async () => {
    session = await Session.open()
    const directory = join(await session.temporaryDirectory('faults'), 'served')
    server = await FaultServer.start({ directory, real: real.command })
  })

  afterAll(async () => {
    await server.close()
    await session.close()
  })

  function serve(effect: Effect): string {
    last += 1
    return server.add({ id: `fault-${last}`, area: 'area', violates: [], sentence: 'It is wrong.', effect })
  }

  async function bundleOf(command: string, args: readonly string[], name = 'one') {
    return await (await session.bundles(command)).createBusyboxBundle(name, args)
  }

  async function driverOf(effect: Effect): Promise<{ readonly runtime: Runtime; readonly command: string }> {
    const command = serve(effect)
    return { runtime: await session.runtime(command), command }
  }

  test('is recognised as what stands behind it', async () => {
    const resolved = await resolveRuntime(serve(all()))
    expect(resolved).toMatchObject({ profile: real.profile, prefix: real.prefix, version: real.version })
  })

  test('without any effect does what the real one does, descriptors included', async () => {
    const { runtime, command } = await driverOf(all())
    const bundle = await bundleOf(command, ['sh', '-c', 'cat <&3; echo $PPID; exit 42'])
    const file = join(await session.temporaryDirectory('third'), 'file')
    writeFileSync(file, 'by descriptor 3\n')
    const third = openSync(file, 'r')
    const result = await runtime.run(bundle, { preserveDescriptors: [third] })
    closeSync(third)
    expect(result).toMatchObject({ exitCode: 42, stdout: expect.stringMatching(/^by descriptor 3\n/) })
  })

  test('gives the container another configuration; its state names the bundle, which is whole in the end', async () => {
    const { runtime, command } = await driverOf(
      configuration(
        changing((spec) => {
          spec.hostname = 'wrong'
        }),
      ),
    )
    const bundle = await bundleOf(command, ['sh', '-c', 'hostname; exec sleep 1000'])
    const pristine = readFileSync(join(bundle.path, 'config.json'), 'utf8')
    const containers = await Promise.all(Array.from({ length: 4 }, () => runtime.create(bundle)))
    for (const container of containers) {
      expect((await container.state()).bundle).toBe(bundle.path)
      await container.start()
      expect((await container.exec(['hostname'])).stdout).toBe('wrong\n')
      await container.delete({ force: true })
    }
    expect(readFileSync(join(bundle.path, 'config.json'), 'utf8')).not.toBe(pristine)
    const [path = ''] = [join(bundle.path, 'config.json')]
    await server.close()
    expect(readFileSync(path, 'utf8')).toBe(pristine)
    const directory = join(await session.temporaryDirectory('faults'), 'served')
    server = await FaultServer.start({ directory, real: real.command })
  })

  test('keeps integers that a double cannot hold', async () => {
    const { runtime, command } = await driverOf(
      configuration(
        changing((spec) => {
          spec.hostname = 'wrong'
        }),
      ),
    )
    const registry = await session.bundles(command)
    const bundle = await registry.createBusyboxBundle('limits', ['cat', '/proc/self/limits'], (spec) => {
      if (spec.process !== undefined)
        spec.process.rlimits = [
          { type: 'RLIMIT_CORE', soft: 18446744073709551615n, hard: 18446744073709551615n },
          { type: 'RLIMIT_FSIZE', soft: 9007199254740993n, hard: 9007199254740993n },
        ]
    })
    const { stdout } = await runtime.run(bundle)
    expect(stdout).toMatch(/Max core file size +unlimited +unlimited/)
    expect(stdout).toMatch(/Max file size +9007199254740993 +9007199254740993/)
  })

  test('executes another process, by the words of a command and by a process file', async () => {
    const { runtime, command } = await driverOf(
      executedProcess((process) => {
        process.env = [...(process.env ?? []), 'WRONG=1']
      }),
    )
    const container = await runtime.create(await bundleOf(command, ['sleep', '1000'], 'sleeping'))
    await container.start()
    const words = ['sh', '-c', 'echo "$WRONG$0$HOME"']
    expect((await container.exec(words, { arguments: ['--env', 'HOME=/here'] })).stdout).toBe('1sh/here\n')
    const file = { cwd: '/', args: words, env: ['PATH=/bin', 'HOME=/there'], user: { uid: 0, gid: 0 } }
    expect((await container.exec(file)).stdout).toBe('1sh/there\n')
  })

  test('answers with another state', async () => {
    const { runtime, command } = await driverOf(
      answer('state', (state) => {
        state['pid'] = 1
      }),
    )
    const container = await runtime.create(await bundleOf(command, ['sleep', '1000'], 'sleeping'))
    expect((await container.state()).pid).toBe(1)
    expect(container.init.pid).not.toBe(1)
  })

  test('sets other resources than update is told', async () => {
    const { runtime, command } = await driverOf(
      updatedResources((resources) => {
        resources.pids = { limit: 77 }
      }),
    )
    const container = await runtime.create(await bundleOf(command, ['sleep', '1000'], 'sleeping'))
    await runtime.update(container.id, { pids: { limit: 55 } })
    const cgroups = readFileSync(`/proc/${container.init.pid}/cgroup`, 'utf8')
    const [, path = ''] = /^\d+:pids:(.*)$/m.exec(cgroups) ?? /^0::(.*)$/m.exec(cgroups) ?? []
    const limits = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup'].flatMap((root) =>
      textOf(join(root, path, 'pids.max')),
    )
    expect(limits).toEqual(['77\n'])
  })

  test('that does not delete leaves nothing once the session cleans up', async () => {
    const { runtime, command } = await driverOf(skip('delete'))
    const container = await runtime.create(await bundleOf(command, ['sleep', '1000'], 'sleeping'))
    await runtime.delete(container.id, { force: true })
    expect((await runtime.state(container.id)).status).toBe('created')
  })
})

test.skipIf(!isRoot)('a command that waits for a server which is killed does not wait for ever', async () => {
  const sessions = mkdtempSync(join(tmpdir(), 'served-'))
  const fixture = fileURLToPath(new URL('served-run.fixture.mjs', import.meta.url))
  const serving = spawn(process.execPath, [fixture, join(packageDirectory(), 'dist/modules')], {
    env: { ...process.env, RUNWRIGHT_SESSIONS: sessions },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface(serving.stdout), 'line')
  const { path, directory, environment } = JSON.parse(line)
  const waiting = spawn(path, ['state', 'one'], { env: { ...process.env, ...environment }, stdio: 'ignore' })
  const ended = once(waiting, 'exit')
  await until(() => readdirSync(directory).some((name) => name.endsWith('.question')), {
    timeoutMs: 10_000,
    what: 'the command to ask',
  })
  serving.kill('SIGKILL')
  await ended
  expect(waiting.exitCode).not.toBe(0)
  await until(() => !existsSync(sessions), {
    timeoutMs: 20_000,
    what: 'the session to be cleaned',
  })
})

function textOf(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')]
  } catch {
    return []
  }
}
