import { relative } from 'node:path'
import valid from 'semver/functions/valid.js'
import * as v from 'valibot'
import { identifyProcess } from '../harness/host/index.ts'
import { observeProcess } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import { stateSchema, withAnnotation } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, observeInit, pidOf, startAndEnd, untilEnded, untilPrinted } from './containers.ts'
import { shell, sleeping } from './programs.ts'

export const state = suite('state', ({ test }) => {
  test('the state of a created container names its version, id, status, process and bundle', {
    covers: [
      'state-returns-state',
      'state-ociversion-required',
      'state-id-required',
      'state-status-required',
      'state-status-values',
      'state-pid-required-when-created-or-running',
      'state-bundle-required',
      'state-extra-properties-allowed',
    ],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const container = await runtime.create(bundle)
    const reported = await container.state()
    expect(reported).toMatchObject({ id: container.id, status: 'created', bundle: bundle.path })
    expect(reported.pid).toBe(pidOf(container))
    expect(valid(reported.ociVersion), `'${reported.ociVersion}' as a SemVer version`).not.toBeNull()
  })

  for (const [status, bring] of Object.entries({
    running: async (container) => container.start(),
    stopped: async (container) => {
      await container.start()
      await endOf(container)
    },
  } satisfies Record<string, (container: Container) => Promise<unknown>>)) {
    test(`the state of a ${status} container names its version, id, status and bundle as before`, {
      covers: [
        'state-ociversion-required',
        'state-id-required',
        'state-status-required',
        'state-bundle-required',
      ],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox('sleeping', sleeping)
      const container = await runtime.create(bundle)
      const { ociVersion } = await container.state()
      await bring(container)
      expect(await container.state()).toMatchObject({
        ociVersion,
        id: container.id,
        status,
        bundle: bundle.path,
      })
    })
  }

  test('a created, a running and a stopped container have no status but those that are specified', {
    covers: ['state-status-additional-values-new-only', 'state-status-values'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    const seen = [await container.status()]
    await container.start()
    seen.push(await container.status())
    await endOf(container)
    seen.push(await container.status())
    expect(seen).toEqual(['created', 'running', 'stopped'])
  })

  test('the state of a stopped container names no living process', {
    covers: ['state-pid-optional-otherwise'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await endOf(container)
    const { status, pid = 0 } = await container.state()
    expect(status).toBe('stopped')
    expect(pid === 0 ? undefined : identifyProcess(pid)).toBeUndefined()
  })

  test('asking for the state of a container with an empty id is refused', {
    covers: ['state-without-id-errors'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the state can be asked for with an id', () => container.state())
    await expect(runtime.command(['state', ''])).toBeRefused()
  })

  test('the process named by the state is alive and in namespaces of its own', {
    covers: ['state-pid-required-when-created-or-running'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    const { pid } = await container.state()
    expect(container.init.isAlive()).toBe(true)
    expect(pid).toBe(pidOf(container))
    expect(observeInit(container).namespaces.get('mnt')).not.toBe(
      observeProcess(process.pid).namespaces.get('mnt'),
    )
  })

  test('a container whose program has not been run is created', {
    covers: ['state-status-created-meaning'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await expect(container).toHaveStatus('created')
    expect(observeInit(container).commandLine).not.toEqual(sleeping)
  })

  test('a container whose program runs is running', {
    covers: ['state-status-running-meaning', 'lifecycle-start-runs-program'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('telling', shell('echo the program runs; exec sleep 1000')),
    )
    await container.start()
    await untilPrinted(container.init, 'the program runs\n')
    await expect(container).toBeRunning()
  })

  test('a container whose program has ended is stopped', {
    covers: ['state-status-stopped-meaning', 'lifecycle-process-exit-causes'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('true', ['true']))
    await container.start()
    expect(await untilEnded(container)).toHaveExited(0)
    await expect(container).toHaveStatus('stopped')
  })

  test('a container killed before its program ran is stopped', {
    covers: ['state-status-stopped-meaning', 'kill-sends-signal'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await expect(container).toHaveStatus('created')
    await container.kill('SIGKILL')
    expect(await untilEnded(container)).toHaveBeenKilledBy('SIGKILL')
    await expect(container).toHaveStatus('stopped')
  })

  test('the bundle of the state is absolute where create was given a relative path', {
    covers: ['state-bundle-required'],
  }, async ({ bundles, runtime, id, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const container = await runtime.create({ path: relative(process.cwd(), bundle.path) }, { id: id() })
    expect((await container.state()).bundle).toBe(bundle.path)
  })

  test('the annotations of the state are those of the configuration', {
    covers: ['state-annotations-optional'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox(
      'annotated',
      sleeping,
      withAnnotation('org.runwright.colour', 'green'),
    )
    const { annotations } = await (await runtime.create(bundle)).state()
    // The property may be left out; where it is given, it has to be right.
    if (annotations !== undefined) expect(annotations).toMatchObject({ 'org.runwright.colour': 'green' })
  })

  test('without configured annotations the state has none', {
    covers: ['state-annotations-absent-or-empty'],
  }, async ({ bundles, runtime, expect }) => {
    const { annotations = {} } = await (
      await runtime.create(await bundles.busybox('sleeping', sleeping))
    ).state()
    expect(annotations).toEqual({})
  })

  test('the state is valid against the schema of the specification', {
    covers: ['state-json-schema'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    for (const step of [async () => {}, () => container.start(), () => endOf(container)]) {
      await step()
      const { stdout } = await runtime.command(['state', container.id])
      expect(v.safeParse(stateSchema, JSON.parse(stdout)).issues ?? []).toEqual([])
    }
  })

  test('asking for the state of no container is refused', { covers: ['state-without-id-errors'] }, async ({
    bundles,
    runtime,
    control,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the state can be asked for with an id', () => container.state())
    await expect(runtime.command(['state'])).toBeRefused()
  })

  test('asking for the state of an unknown container is refused', {
    covers: ['state-nonexistent-errors'],
  }, async ({ bundles, runtime, control, id, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the state of a known container is given', () => container.state())
    const answer = runtime.command(['state', id('unknown')])
    await expect(answer).toBeRefused()
    expect((await answer).stdout).toBe('')
  })

  test('asking for the state of a deleted container is refused', {
    covers: ['state-nonexistent-errors'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the state is given before the container is deleted', () => container.state())
    await startAndEnd(container)
    await container.delete()
    await expect(runtime.state(container.id)).toBeRefused()
  })
})
