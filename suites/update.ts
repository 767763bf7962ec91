import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container } from '../harness/runtime/index.ts'
import { type LinuxResources, stringifyJson, withResources } from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { createTidily, unlessRefused } from './cgroup-remains.ts'
import { type LimitName, lastProcessor, limitOf, limitsOf } from './limits.ts'
import { mebibyte, sleeping } from './programs.ts'

const needs: readonly Need[] = [
  'runtime:update',
  'cgroup-memory',
  'cgroup-memory-reservation',
  'cgroup-memory-swap',
  'cgroup-cpu',
  'cgroup-pids',
]

/** The limits that a container has before one of them is changed: none is the kernel's own. */
const first: LinuxResources = {
  memory: { limit: 48 * mebibyte, reservation: 24 * mebibyte, swap: 80 * mebibyte },
  cpu: { shares: 512, quota: 34_000, period: 57_000 },
  pids: { limit: 123 },
}

/** A change of one limit: in the words of the configuration, as options, and what the kernel then shows. */
interface Change {
  readonly limit: LimitName
  readonly resources: LinuxResources
  readonly options: readonly string[]
  /** On cgroup v2 shares become a weight, see the suite of the cpu. */
  readonly shows: RegExp
}

const changes: Readonly<Record<string, Change>> = {
  'the memory limit': {
    limit: 'memory limit',
    // With the swap limit as it was: cgroup v2 keeps what is left for swap, so that their sum would change.
    resources: { memory: { limit: 64 * mebibyte, swap: 80 * mebibyte } },
    options: ['--memory', String(64 * mebibyte), '--memory-swap', String(80 * mebibyte)],
    shows: new RegExp(`^${64 * mebibyte}$`),
  },
  'the memory reservation': {
    limit: 'memory reservation',
    resources: { memory: { reservation: 20 * mebibyte } },
    options: ['--memory-reservation', String(20 * mebibyte)],
    shows: new RegExp(`^${20 * mebibyte}$`),
  },
  'the cpu shares': {
    limit: 'cpu shares',
    resources: { cpu: { shares: 2048 } },
    options: ['--cpu-share', '2048'],
    shows: /^(2048|79|174)$/,
  },
  'the cpu quota': {
    limit: 'cpu quota',
    resources: { cpu: { quota: 12_000 } },
    options: ['--cpu-quota', '12000'],
    shows: /^12000$/,
  },
  'the cpu period': {
    limit: 'cpu period',
    resources: { cpu: { period: 43_000 } },
    options: ['--cpu-period', '43000'],
    shows: /^43000$/,
  },
  'the limit of tasks': {
    limit: 'tasks',
    resources: { pids: { limit: 321 } },
    options: ['--pids-limit', '321'],
    shows: /^321$/,
  },
}

/** A running container with the first limits. */
async function limited(context: TestContext): Promise<Container> {
  const bundle = await context.bundles.busybox('limited', sleeping, withResources(first))
  const container = await createTidily(context, bundle)
  await container.start()
  return container
}

export const update = suite('update', ({ test }) => {
  for (const [what, { limit, resources, options, shows }] of Object.entries(changes)) {
    const ways: Readonly<Record<string, (container: Container, context: TestContext) => Promise<unknown>>> = {
      'from its standard input': (container) => container.update(resources),
      'by an option': (container, { runtime, expect }) =>
        expect(runtime.command(['update', ...options, container.id])).not.toBeRefused(),
    }
    for (const [way, change] of Object.entries(ways)) {
      test(`update changes ${what} ${way} and no other limit`, { covers: [], needs }, async (context) => {
        const { expect } = context
        const container = await limited(context)
        const before = limitsOf(container)
        expect(before[limit]).not.toMatch(shows)
        await change(container, context)
        expect(limitsOf(container)).toEqual({ ...before, [limit]: expect.stringMatching(shows) })
        await expect(container).toBeRunning()
      })
    }
  }

  test('update changes the limit of memory and swap together', { covers: [], needs }, async (context) => {
    const { expect } = context
    const container = await limited(context)
    await container.update({ memory: { limit: 64 * mebibyte, swap: 96 * mebibyte } })
    expect(limitOf(container, 'memory limit')).toBe(String(64 * mebibyte))
    expect(limitOf(container, 'memory and swap')).toBe(String(96 * mebibyte))
  })

  test('update changes the processors a container may run on', {
    covers: [],
    needs: ['runtime:update', 'cgroup-cpuset', 'two-processors'],
  }, async (context) => {
    const { bundles, expect } = context
    const processor = lastProcessor()
    const container = await createTidily(context, await bundles.busybox('sleeping', sleeping))
    await container.start()
    expect(limitOf(container, 'processors')).not.toBe(processor)
    await container.update({ cpu: { cpus: processor } })
    expect(limitOf(container, 'processors')).toBe(processor)
  })

  test('update reads the resources from a file, too', { covers: [], needs }, async (context) => {
    const { runtime, temporaryDirectory, expect } = context
    const container = await limited(context)
    const file = join(await temporaryDirectory(), 'resources.json')
    await writeFile(file, stringifyJson({ pids: { limit: 321 } }))
    await expect(runtime.command(['update', '--resources', file, container.id])).not.toBeRefused()
    expect(limitOf(container, 'tasks')).toBe('321')
  })

  test('update changes several limits at once', { covers: [], needs }, async (context) => {
    const { expect } = context
    const container = await limited(context)
    const all = Object.values(changes)
    await container.update({
      memory: { limit: 64 * mebibyte, reservation: 20 * mebibyte },
      cpu: { shares: 2048, quota: 12_000, period: 43_000 },
      pids: { limit: 321 },
    })
    for (const { limit, shows } of all) expect(limitOf(container, limit), limit).toMatch(shows)
  })

  test('update changes a limit for the second time as it did for the first', {
    covers: [],
    needs,
  }, async (context) => {
    const { expect } = context
    const container = await limited(context)
    for (const limit of [321, 222]) {
      await container.update({ pids: { limit } })
      expect(limitOf(container, 'tasks')).toBe(String(limit))
    }
  })

  test('update changes the limits of a container that was not started yet', {
    covers: [],
    needs,
  }, async (context) => {
    const { bundles, expect } = context
    const bundle = await bundles.busybox('limited', sleeping, withResources(first))
    const container = await createTidily(context, bundle)
    await container.update({ pids: { limit: 321 } })
    await expect(container).toHaveStatus('created')
    expect(limitOf(container, 'tasks')).toBe('321')
    await container.start()
    expect(limitOf(container, 'tasks')).toBe('321')
  })

  test('update changes the limits of no other container', { covers: [], needs }, async (context) => {
    const { bundles, runtime, expect } = context
    const container = await limited(context)
    const other = await runtime.create(await bundles.busybox('limited', sleeping, withResources(first)))
    const before = limitsOf(other)
    await container.update({ memory: { limit: 64 * mebibyte }, pids: { limit: 321 } })
    expect(limitsOf(other)).toEqual(before)
    expect(limitOf(container, 'tasks')).toBe('321')
  })

  test('update with -1 lifts a limit', { covers: [], needs }, async (context) => {
    const { expect } = context
    const container = await limited(context)
    await container.update({ pids: { limit: -1 }, cpu: { quota: -1 } })
    expect(limitOf(container, 'tasks')).toBe('max')
    expect(limitOf(container, 'cpu quota')).toBe('max')
  })

  test('update with a limit of 0 tasks does not lift the limit', {
    covers: ['pids-limit-zero-is-valid'],
    needs,
  }, async (context) => {
    const { expect } = context
    const container = await limited(context)
    const answer = await unlessRefused(container.update({ pids: { limit: 0 } }))
    expect(limitOf(container, 'tasks')).toBe(answer === undefined ? '123' : '0')
  })

  test('an update that the kernel refuses is an error and leaves the limit as it was', {
    covers: [],
    needs: ['runtime:update', 'cgroup-cpuset', 'cgroup-pids'],
  }, async (context) => {
    const { bundles, control, expect } = context
    const container = await createTidily(context, await bundles.busybox('sleeping', sleeping))
    await container.start()
    await control('a processor that there is can be set', () => container.update({ cpu: { cpus: '0' } }))
    await expect(container.update({ cpu: { cpus: '1000000' } })).toBeRefused()
    expect(limitOf(container, 'processors')).toBe('0')
    await expect(container).toBeRunning()
  })

  test('update of a container that does not exist is refused', { covers: [], needs }, async (context) => {
    const { runtime, control, id, expect } = context
    const container = await limited(context)
    await control('a container that exists is updated', () => container.update({ pids: { limit: 321 } }))
    await expect(runtime.update(id('unknown'), { pids: { limit: 321 } })).toBeRefused()
  })
})
