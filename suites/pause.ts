import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../harness/host/index.ts'
import { addMount } from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { endOf, patienceMs, pauseNeeds, untilEnded } from './containers.ts'
import { shell, sleeping } from './programs.ts'

/** A running container that lengthens a file as fast as it can, and a way to read how far it is. */
async function counting({ bundles, runtime, temporaryDirectory }: TestContext) {
  const source = await temporaryDirectory()
  const bundle = await bundles.busybox(
    'counting',
    // A file that only grows always tells how far it is; one that is written anew is empty at times.
    shell('while :; do echo >> /mnt/count; done'),
    addMount({ destination: '/mnt', type: 'bind', source, options: ['bind', 'rw'] }),
  )
  const container = await runtime.create(bundle)
  await container.start()
  const path = join(source, 'count')
  const count = async () => (existsSync(path) ? (await stat(path)).size : 0)
  return { container, count }
}

async function untilBeyond(count: () => Promise<number>, mark: number): Promise<void> {
  await until(async () => (await count()) > mark || undefined, {
    timeoutMs: patienceMs,
    what: `the container to count beyond ${mark}`,
  })
}

export const pause = suite('pause', ({ test }) => {
  test('a paused container is reported with a status of its own, a resumed one as running', {
    covers: ['state-status-additional-values-allowed'],
    needs: pauseNeeds,
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await container.pause()
    await expect(container).toHaveStatus('paused')
    await container.resume()
    await expect(container).toBeRunning()
  })

  test('a paused program stands still and a resumed one goes on from there', {
    covers: [],
    needs: pauseNeeds,
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const { container, count } = await counting(context)
    // Another container's whole life is the interval: long enough to count by thousands, and no fixed sleep.
    const interval = async () => runtime.run(await bundles.busybox('true', ['true']))
    await control('the program counts while it runs', async () => {
      await untilBeyond(count, 0)
      const mark = await count()
      await interval()
      await untilBeyond(count, mark)
    })
    await container.pause()
    const mark = await count()
    await interval()
    expect(await count()).toBe(mark)
    await container.resume()
    await untilBeyond(count, mark)
  })

  test('a container that is killed while it is paused ends once it is resumed', {
    covers: ['kill-sends-signal'],
    needs: pauseNeeds,
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await container.pause()
    await expect(container).toHaveStatus('paused')
    // Whether kill is accepted now is the runtime's choice: the specification knows no paused containers.
    await runtime.command(['kill', container.id, 'KILL'])
    await runtime.command(['resume', container.id])
    await runtime.command(['kill', container.id, 'KILL'])
    expect(await untilEnded(container)).toHaveExited(137)
    await expect(container).toHaveStatus('stopped')
  })

  test('pause of a stopped container is refused', { covers: [], needs: pauseNeeds }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await control('it is paused and resumed while it runs', async () => {
      await container.pause()
      await container.resume()
    })
    await endOf(container)
    await expect(container.pause()).toBeRefused()
    await expect(container).toHaveStatus('stopped')
  })

  test('resume of a running container is refused and leaves it running', {
    covers: [],
    needs: pauseNeeds,
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await control('it is resumed while it is paused', async () => {
      await container.pause()
      await container.resume()
    })
    await expect(container.resume()).toBeRefused()
    await expect(container).toBeRunning()
  })

  test('exec in a paused container is refused and it stays paused', {
    covers: [],
    needs: [...pauseNeeds, 'runtime:exec'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await control('exec works while the container runs', async () => {
      expect(await container.exec(['echo', 'here'])).toHavePrinted('here\n')
    })
    await container.pause()
    await expect(runtime.command(['exec', container.id, 'echo', 'here'])).toBeRefused()
    await expect(container).toHaveStatus('paused')
  })
})
