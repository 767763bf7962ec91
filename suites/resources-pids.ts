import { withPidsLimit, withResources, withValue } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { createTidily, unlessRefused } from './cgroup-remains.ts'
import { limitOf, testConfiguredLimits } from './limits.ts'
import { shell, sleeping } from './programs.ts'

/** Enough for a runtime's own threads while it starts a process, and still soon reached. */
const limit = 24

/**
 * Prints the number of each task it has made, and fails at the first that the kernel refuses. It ends anyway, far above
 * the limit: where that does not hold, the machine is not to be filled with tasks.
 */
const multiplying = shell(`n=0; while [ $n -lt ${4 * limit} ]; do n=$((n+1)); sleep 1000 & echo $n; done`)

/** What `multiplying` prints when it can make this many tasks beside itself. */
function counted(tasks: number): string {
  return Array.from({ length: tasks }, (_, index) => `${index + 1}\n`).join('')
}

export const resourcesPids = suite('resources-pids', ({ test }) => {
  testConfiguredLimits(test, {
    'a container gets the limit of tasks that its configuration names': {
      limit: 'tasks',
      resources: { pids: { limit: 123 } },
      shows: '123',
      covers: ['pids-optional'],
      needs: ['cgroup-pids'],
    },
  })

  test('without a limit of tasks a container has none', {
    covers: ['pids-optional'],
    needs: ['cgroup-pids'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    expect(limitOf(container, 'tasks')).toBe('max')
  })

  test('a limit of -1 tasks is no limit', {
    covers: ['pids-limit-optional'],
    needs: ['cgroup-pids'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('unlimited', sleeping, withResources({ pids: { limit: -1 } })),
    )
    expect(limitOf(container, 'tasks')).toBe('max')
  })

  test('limits of tasks may be given without the limit itself, and then there is none', {
    covers: ['pids-limit-optional'],
    needs: ['cgroup-pids'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('empty', sleeping, withValue('linux.resources.pids', {})),
    )
    expect(limitOf(container, 'tasks')).toBe('max')
  })

  test('a limit of 0 tasks is no missing limit: the container has it or is refused', {
    covers: ['pids-limit-zero-is-valid'],
    needs: ['cgroup-pids'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    await control('a limit of 1000 tasks is accepted', async () =>
      runtime.create(await bundles.busybox('thousand', sleeping, withPidsLimit(1000))),
    )
    const bundle = await bundles.busybox('zero', sleeping, withPidsLimit(0))
    // A runtime that puts its own process under the limit first cannot go on, and has to say so.
    const container = await unlessRefused(createTidily(context, bundle))
    if (container !== undefined) expect(limitOf(container, 'tasks')).toBe('0')
  })

  test('a container makes as many tasks as its limit allows and not one more', {
    covers: ['pids-optional'],
    needs: ['runtime:host-kernel', 'cgroup-pids'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('multiplying', multiplying, withPidsLimit(limit))
    const result = await runtime.run(bundle)
    expect(result).toHavePrinted(counted(limit - 1))
    expect(result.exitCode).not.toBe(0)
  })

  test('a process that is executed in a container counts towards its limit of tasks', {
    covers: ['pids-optional'],
    needs: ['runtime:host-kernel', 'cgroup-pids', 'runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('limited', sleeping, withPidsLimit(limit))
    const container = await runtime.create(bundle)
    await container.start()
    const process = await container.spawn(multiplying)
    const end = await process.wait()
    expect(end).toHavePrinted(counted(limit - 2))
    expect(end.exitCode).not.toBe(0)
  })

  test('a limit of tasks that is raised lets a running container make more', {
    covers: [],
    needs: ['cgroup-pids', 'runtime:exec', 'runtime:update'],
  }, async ({ bundles, runtime, control, expect }) => {
    const bundle = await bundles.busybox('limited', sleeping, withPidsLimit(limit))
    const container = await runtime.create(bundle)
    await container.start()
    await control('the limit is reached', async () => {
      const process = await container.spawn(multiplying)
      expect(await process.wait()).toHavePrinted(counted(limit - 2))
    })
    await container.update({ pids: { limit: 2 * limit } })
    // All but the shell of the first round are still there: the second takes its shell and what remains.
    const process = await container.spawn(multiplying)
    expect(await process.wait()).toHavePrinted(counted(limit))
  })
})
