import { withMemoryLimit } from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { untilPrinted } from './containers.ts'
import { limitOf, testConfiguredLimits, testRefusedLimits } from './limits.ts'
import { mebibyte, shell, sleeping } from './programs.ts'

/** A running container under a memory limit that has taken this many mebibytes and keeps them. */
async function holding(
  { bundles, runtime }: TestContext,
  { taken, limit }: { readonly taken: number; readonly limit: number },
) {
  const script = `dd if=/dev/zero of=/dev/shm/taken bs=1048576 count=${taken} 2>/dev/null && echo taken && exec sleep 1000`
  const bundle = await bundles.busybox(
    `holding-${taken}-of-${limit}`,
    shell(script),
    withMemoryLimit(limit * mebibyte),
  )
  const container = await runtime.create(bundle)
  await container.start()
  await untilPrinted(container.init, 'taken\n')
  return container
}

export const resourcesMemory = suite('resources-memory', ({ test }) => {
  testConfiguredLimits(test, {
    'a container gets the memory limit that its configuration names': {
      limit: 'memory limit',
      resources: { memory: { limit: 48 * mebibyte } },
      shows: String(48 * mebibyte),
      covers: ['memory-limit-optional'],
      needs: ['cgroup-memory'],
    },
    'a memory limit of more than 4 GiB loses none of its bits': {
      limit: 'memory limit',
      resources: { memory: { limit: 5 * 1024 * mebibyte } },
      shows: String(5 * 1024 * mebibyte),
      covers: ['memory-limit-optional'],
      needs: ['cgroup-memory'],
    },
    'a container gets the memory reservation that its configuration names': {
      limit: 'memory reservation',
      resources: { memory: { reservation: 24 * mebibyte } },
      shows: String(24 * mebibyte),
      covers: ['memory-reservation-optional'],
      needs: ['cgroup-memory-reservation'],
    },
    'a memory reservation stands beside a memory limit': {
      limit: 'memory reservation',
      resources: { memory: { limit: 48 * mebibyte, reservation: 24 * mebibyte } },
      shows: String(24 * mebibyte),
      covers: ['memory-reservation-optional'],
      needs: ['cgroup-memory-reservation'],
    },
    'the swap limit counts memory and swap together': {
      limit: 'memory and swap',
      resources: { memory: { limit: 48 * mebibyte, swap: 80 * mebibyte } },
      shows: String(80 * mebibyte),
      covers: ['memory-swap-optional'],
      needs: ['cgroup-memory-swap'],
    },
    'a swap limit that equals the memory limit leaves no swap': {
      limit: 'memory and swap',
      resources: { memory: { limit: 48 * mebibyte, swap: 48 * mebibyte } },
      shows: String(48 * mebibyte),
      covers: ['memory-swap-optional'],
      needs: ['cgroup-memory-swap'],
    },
    'a container gets the swappiness that its configuration names': {
      limit: 'swappiness',
      resources: { memory: { swappiness: 17 } },
      shows: '17',
      covers: ['memory-swappiness-optional'],
      needs: ['cgroup-memory-swappiness'],
    },
    'a swappiness of 0 is no missing swappiness': {
      limit: 'swappiness',
      resources: { memory: { swappiness: 0 } },
      shows: '0',
      covers: ['memory-swappiness-optional'],
      needs: ['cgroup-memory-swappiness'],
    },
    'the out-of-memory killer is off for a container that wants it off': {
      limit: 'out-of-memory killer',
      resources: { memory: { limit: 48 * mebibyte, disableOOMKiller: true } },
      shows: 'oom_kill_disable 1',
      covers: ['memory-disableoomkiller-optional'],
      needs: ['cgroup-memory-oom-control'],
    },
  })

  test('the out-of-memory killer stays on unless the configuration turns it off', {
    covers: ['memory-disableoomkiller-optional'],
    needs: ['cgroup-memory-oom-control'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('killer-on', sleeping, withMemoryLimit(48 * mebibyte)),
    )
    expect(limitOf(container, 'out-of-memory killer')).toBe('oom_kill_disable 0')
  })

  test('without a memory limit a container has none', {
    covers: ['memory-optional', 'memory-limit-optional'],
    needs: ['cgroup-memory'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    expect(limitOf(container, 'memory limit')).toBe('max')
  })

  test('a memory limit of -1 is no limit', {
    covers: ['memory-limit-optional'],
    needs: ['cgroup-memory'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('unlimited', sleeping, withMemoryLimit(-1)))
    expect(limitOf(container, 'memory limit')).toBe('max')
  })

  test('a swap limit of -1 is no limit although the memory has one', {
    covers: ['memory-swap-optional'],
    needs: ['cgroup-memory-swap'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('any-swap', sleeping, withMemoryLimit(48 * mebibyte, { swap: -1 })),
    )
    expect(limitOf(container, 'memory limit')).toBe(String(48 * mebibyte))
    expect(limitOf(container, 'memory and swap')).toBe('max')
  })

  testRefusedLimits(test, {
    'a swap limit below the memory limit is refused': {
      wrong: { memory: { limit: 48 * mebibyte, swap: 32 * mebibyte } },
      right: { memory: { limit: 48 * mebibyte, swap: 64 * mebibyte } },
      covers: ['memory-swap-optional'],
      needs: ['cgroup-memory-swap'],
    },
    'a swappiness above 100 is refused': {
      wrong: { memory: { swappiness: 101 } },
      right: { memory: { swappiness: 100 } },
      covers: ['memory-swappiness-optional'],
      needs: ['cgroup-memory-swappiness'],
    },
  })

  test('a container in which another process outgrows the memory limit goes on', {
    covers: ['memory-limit-optional'],
    needs: ['runtime:host-kernel', 'cgroup-memory', 'runtime:exec'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('small', sleeping, withMemoryLimit(32 * mebibyte)),
    )
    await container.start()
    await control('a process within the limit is left alone', async () => {
      expect(await container.exec(['echo', 'small'])).toHavePrinted('small\n')
    })
    // tail keeps the whole of its input, as long as no line ends. Its own limit keeps the machine safe from it where
    // the container's does not hold; that one is no reason to be killed.
    const greedy = await container.spawn(shell('echo growing; ulimit -v 262144; exec tail /dev/zero'))
    const end = await greedy.wait()
    expect(end).toHavePrinted('growing\n')
    expect(end).toHaveBeenKilledBy('SIGKILL')
    await expect(container).toBeRunning()
  })

  test('what a container keeps in a tmpfs counts towards its memory limit', {
    covers: ['memory-limit-optional'],
    needs: ['cgroup-memory'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    await control('a limit that is large enough lets it be kept', () =>
      holding(context, { taken: 40, limit: 60 }),
    )
    const script = 'echo filling; exec dd if=/dev/zero of=/dev/shm/taken bs=1048576 count=40'
    const bundle = await bundles.busybox('filling', shell(script), withMemoryLimit(20 * mebibyte))
    const result = await runtime.run(bundle)
    expect(result).toHavePrinted('filling\n')
    expect(result).toHaveExited(137)
  })

  test('with checkBeforeUpdate a limit below what is in use is refused and the old one stays', {
    covers: ['memory-checkbeforeupdate-rejects', 'memory-checkbeforeupdate-may-check'],
    needs: ['cgroup-memory', 'runtime:update'],
  }, async (context) => {
    const { control, expect } = context
    const container = await holding(context, { taken: 40, limit: 100 })
    await control('a limit above what is in use is accepted', () =>
      container.update({ memory: { limit: 80 * mebibyte, checkBeforeUpdate: true } }),
    )
    const update = container.update({ memory: { limit: 10 * mebibyte, checkBeforeUpdate: true } })
    await expect(update).toBeRefused()
    expect(limitOf(container, 'memory limit')).toBe(String(80 * mebibyte))
    await expect(container).toBeRunning()
  })

  test('checkBeforeUpdate does not keep a container from its memory limit', {
    covers: ['memory-checkbeforeupdate-optional'],
    needs: ['cgroup-memory'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('checked', sleeping, withMemoryLimit(48 * mebibyte, { checkBeforeUpdate: true })),
    )
    expect(limitOf(container, 'memory limit')).toBe(String(48 * mebibyte))
  })
})
