import { suite } from '../harness/suite/index.ts'
import { endOf, pidOf, startAndEnd } from './containers.ts'
import { shell, sleeping } from './programs.ts'

const twenty = Array.from({ length: 20 }, (_, number) => number)

export const concurrency = suite('concurrency', ({ test }) => {
  test('twenty containers are created, started, asked, ended and deleted at once', {
    covers: ['create-makes-container', 'operations-supported'],
    timeoutMs: 90_000,
  }, async ({ bundles, runtime, id, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const ids = twenty.map((number) => id(`of-twenty-${String(number).padStart(2, '0')}`))
    const containers = await Promise.all(ids.map((name) => runtime.create(bundle, { id: name })))
    expect(new Set(containers.map(pidOf)).size).toBe(twenty.length)
    await Promise.all(containers.map((container) => container.start()))
    const states = await Promise.all(containers.map((container) => container.state()))
    expect(states.map((state) => state.id)).toEqual(ids)
    expect(states.map((state) => state.pid)).toEqual(containers.map(pidOf))
    expect(new Set(states.map((state) => state.status))).toEqual(new Set(['running']))
    for (const end of await Promise.all(containers.map(endOf))) expect(end).toHaveExited(137)
    await Promise.all(containers.map((container) => container.delete()))
    for (const name of ids) await expect(runtime.state(name)).toBeRefused()
  })

  test('twenty containers of different programs that run at once do not mix up their ends', {
    covers: ['lifecycle-process-exit-causes'],
    timeoutMs: 90_000,
  }, async ({ bundles, runtime, expect }) => {
    const results = await Promise.all(
      twenty.map(async (number) =>
        runtime.run(await bundles.busybox(`number-${number}`, shell(`echo ${number}; exit ${number}`))),
      ),
    )
    expect(results.map(({ stdout }) => stdout)).toEqual(twenty.map((number) => `${number}\n`))
    expect(results.map(({ exitCode }) => exitCode)).toEqual(twenty)
  })

  const names: Readonly<Record<string, string>> = {
    'one character': 'a',
    'sixty-four hexadecimal digits': '0123456789abcdef'.repeat(4),
    'every kind of character that an id may have': 'Aa0_b.c+d-e',
    'two hundred characters': 'long'.repeat(50),
  }
  for (const [what, name] of Object.entries(names)) {
    test(`a container whose id is ${what} lives like any other`, {
      covers: ['state-id-required', 'create-makes-container'],
    }, async ({ bundles, runtime, expect }) => {
      const container = await runtime.create(await bundles.busybox('sleeping', sleeping), { id: name })
      await container.start()
      expect(await container.state()).toMatchObject({ id: name, status: 'running' })
      expect(await endOf(container)).toHaveExited(137)
      await container.delete()
      await expect(runtime.state(name)).toBeRefused()
    })
  }

  test('ids of which one begins with the other stand for different containers', {
    covers: ['state-id-unique-on-host'],
  }, async ({ bundles, runtime, id, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const short = await runtime.create(bundle, { id: id('twin') })
    const long = await runtime.create(bundle, { id: id('twin-of-it') })
    await long.start()
    await expect(short).toHaveStatus('created')
    await startAndEnd(short)
    await short.delete()
    await expect(long).toBeRunning()
  })
})
