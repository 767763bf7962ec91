import { until } from '../harness/host/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { endOf, patienceMs } from './containers.ts'
import { shell, sleeping, top } from './programs.ts'

/** A running container for processes to be executed in. */
async function running(
  { bundles, runtime }: TestContext,
  args: readonly string[] = sleeping,
): Promise<Container> {
  const container = await runtime.create(await bundles.busybox(args === top ? 'top' : 'sleeping', args))
  await container.start()
  return container
}

export const exec = suite('exec', ({ test }) => {
  test('a process executed in a running container prints', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('echo Ay Caramba!'))
    expect(result).toHavePrinted('Ay Caramba!\n')
    expect(result).toHaveExited(0)
    await expect(container).toBeRunning()
  })

  for (const code of [0, 1, 7, 255]) {
    test(`a process executed in a container that ends with ${code} is seen to end with it`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { expect } = context
      const container = await running(context)
      const attached = await container.exec(shell(`echo ending; exit ${code}`))
      expect(attached).toHavePrinted('ending\n')
      expect(attached).toHaveExited(code)
      const detached = await container.spawn(shell(`echo ending; exit ${code}`))
      const end = await detached.wait()
      expect(end).toHavePrinted('ending\n')
      expect(end).toHaveExited(code)
    })
  }

  test('an executed process has the environment, working directory and user it was given', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec({
      args: ['sh', '-c', 'echo "$COLOUR|$(pwd)|$(id -u):$(id -g)"'],
      env: ['PATH=/bin', 'COLOUR=green'],
      cwd: '/tmp',
      user: { uid: 1000, gid: 1001 },
    })
    expect(result).toHavePrinted('green|/tmp|1000:1001\n')
  })

  test('an executed process that is killed ends with 137 and leaves the container running', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context, top)
    const process = await container.spawn(sleeping)
    process.signal('SIGKILL')
    expect(await process.wait()).toHaveExited(137)
    await expect(container).toBeRunning()
  })

  test('when the first process of a container is ended, an executed one ends with it', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context, top)
    await until(async () => (await container.init.stdout()) !== '' || undefined, {
      timeoutMs: patienceMs,
      what: 'top to draw its first page',
    })
    const process = await container.spawn(top)
    await container.kill('SIGTERM')
    expect(await container.wait()).toHaveExited(143)
    expect(await process.wait()).toHaveExited(137)
  })

  test('an executed process can leave a detached child behind that goes on in the container', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('sleep 900 </dev/null >/dev/null 2>&1 & echo $!'))
    expect(result).toHaveExited(0)
    const inside = await container.exec(['cat', `/proc/${result.stdout.trim()}/cmdline`])
    expect(inside).toHavePrinted('sleep\u0000900\u0000')
  })

  test('the end of an executed process is seen although its child holds on to the output', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const process = await container.spawn(shell('sleep 900 & echo gone'))
    const end = await process.wait()
    expect(end).toHaveExited(0)
    expect(end).toHavePrinted('gone\n')
    await expect(container).toBeRunning()
  })

  test('no zombie is left on the host of the jobs an executed shell has spawned', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('for n in 1 2 3; do sleep 0.01 & done; exit 3'))
    expect(result).toHaveExited(3)
    await endOf(container)
    await container.delete()
    expect(container.init.isAlive()).toBe(false)
  })

  const refusedIn: Readonly<Record<string, (container: Container) => Promise<unknown>>> = {
    stopped: endOf,
    deleted: async (container) => {
      await endOf(container)
      await container.delete()
    },
  }
  for (const [status, bring] of Object.entries(refusedIn)) {
    test(`exec in a ${status} container is refused`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { runtime, control, expect } = context
      const container = await running(context)
      await control('exec works while the container runs', async () => {
        expect(await container.exec(['echo', 'here'])).toHavePrinted('here\n')
      })
      await bring(container)
      await expect(runtime.command(['exec', container.id, 'echo', 'here'])).toBeRefused()
    })
  }

  test('exec of a program that does not exist is refused and leaves the container running', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { control, expect } = context
    const container = await running(context)
    await control('a program that exists is executed', () => container.spawn(['true']))
    await expect(container.spawn(['NoSuchProgram'])).toBeRefused()
    await expect(container).toBeRunning()
  })
})
