import { observeProcess } from '../harness/probe/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, pidOf, startAndEnd, untilPrinted } from './containers.ts'
import { shell, sleeping } from './programs.ts'

export const list = suite('list', ({ test }) => {
  test('list shows a container with its status, process and absolute bundle path', {
    covers: [],
    needs: ['runtime:list'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const container = await runtime.create(bundle)
    await container.start()
    const listed = (await runtime.list()).filter(({ id }) => id === container.id)
    expect(listed).toEqual([
      expect.objectContaining({ status: 'running', pid: pidOf(container), bundle: bundle.path }),
    ])
  })

  test('list shows ten containers until each is deleted', { covers: [], needs: ['runtime:list'] }, async ({
    bundles,
    runtime,
    id,
    expect,
  }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const mine = async () =>
      (await runtime.list()).filter((entry) => entry.id.startsWith(id())).map((entry) => entry.id)
    const containers = await Promise.all(Array.from({ length: 10 }, () => runtime.create(bundle)))
    expect((await mine()).sort()).toEqual(containers.map((container) => container.id).sort())
    const [first, ...others] = containers
    if (first === undefined) throw new Error('ten containers were made')
    await startAndEnd(first)
    await first.delete()
    expect((await mine()).sort()).toEqual(others.map((container) => container.id).sort())
  })

  test('ps names every process of a container and no other', {
    covers: [],
    needs: ['runtime:ps', 'cgroup'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('family', shell('sleep 900 & sleep 901 & echo ready; wait')),
    )
    await container.start()
    await untilPrinted(container.init, 'ready\n')
    const pids = await container.ps()
    expect(pids).toHaveLength(3)
    expect(pids).toContain(pidOf(container))
    const names = pids.map((pid) => observeProcess(pid).commandLine.join(' ')).sort()
    expect(names).toEqual([expect.stringMatching(/^sh -c /), 'sleep 900', 'sleep 901'])
  })

  test('ps names executed processes, too', {
    covers: [],
    needs: ['runtime:ps', 'runtime:exec', 'cgroup'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    const executed = await container.spawn(['sleep', '902'])
    expect([...(await container.ps())].sort()).toEqual([pidOf(container), executed.pid].sort())
  })

  test('list shows a container as created, as running and as stopped', {
    covers: [],
    needs: ['runtime:list'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    const listed = async () => (await runtime.list()).find(({ id }) => id === container.id)?.status
    expect(await listed()).toBe('created')
    await container.start()
    expect(await listed()).toBe('running')
    await endOf(container)
    expect(await listed()).toBe('stopped')
  })

  test('a quiet list is the ids of the containers and nothing else', {
    covers: [],
    needs: ['runtime:list'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const containers = [await runtime.create(bundle), await runtime.create(bundle)]
    const { stdout } = await runtime.command(['list', '--quiet'])
    expect(stdout.trim().split('\n').sort()).toEqual(containers.map(({ id }) => id).sort())
  })
})
