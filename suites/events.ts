import { withMemoryLimit } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { untilEnded, untilPrinted } from './containers.ts'
import { mebibyte, shell } from './programs.ts'

export const events = suite('events', ({ test }) => {
  test('events tell of the kernel killing for memory', {
    covers: [],
    needs: ['runtime:events', 'cgroup-memory'],
  }, async ({ bundles, runtime, signal, expect }) => {
    const container = await runtime.create(
      await bundles.busybox(
        'greedy',
        shell("trap 'echo growing; exec tail /dev/zero' USR1; echo ready; sleep 900 & wait"),
        withMemoryLimit(32 * mebibyte),
      ),
    )
    await container.start()
    await untilPrinted(container.init, 'ready\n')
    const seen: string[] = []
    const watching = (async () => {
      for await (const event of container.events({ intervalMs: 60_000, signal })) {
        seen.push(event.type)
        if (event.type === 'oom') return
      }
    })()
    await container.kill('SIGUSR1')
    expect(await untilEnded(container)).toHaveExited(137)
    await watching
    expect(seen).toContain('oom')
  })

  test('statistics name the processes and the memory of a container', {
    covers: [],
    needs: ['runtime:stats', 'cgroup-memory', 'cgroup-pids'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('counted', shell('echo ready; exec sleep 1000')),
    )
    await container.start()
    // Until its program runs, what counts is the runtime's own process, with as many threads as it likes.
    await untilPrinted(container.init, 'ready\n')
    const statistics = await container.stats()
    expect(statistics.pids?.current).toBe(1)
    expect(Number(statistics.memory?.usage?.usage)).toBeGreaterThan(0)
  })
})
