import { addBindMount } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, pauseNeeds, untilEnded, untilPrinted } from './containers.ts'
import { shell, sleeping } from './programs.ts'

export const start = suite('start', ({ test }) => {
  test('start runs the program with its arguments, environment, working directory and user', {
    covers: ['start-runs-process', 'lifecycle-start-runs-program'],
    needs: ['other-ids'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox(
      'reporting',
      ['sh', '-c', 'echo "$0|$1|$COLOUR|$(pwd)|$(id -u):$(id -g)"', 'zeroth', 'first argument'],
      (spec) => {
        if (spec.process === undefined) throw new Error('the reference spec has no process')
        spec.process.env = [...(spec.process.env ?? []), 'COLOUR=green']
        spec.process.cwd = '/tmp'
        spec.process.user = { uid: 1000, gid: 1001 }
      },
    )
    const container = await runtime.create(bundle)
    await container.start()
    expect(await untilEnded(container)).toHavePrinted('zeroth|first argument|green|/tmp|1000:1001\n')
  })

  test('start without a container id is refused', { covers: ['start-without-id-errors'] }, async ({
    bundles,
    runtime,
    control,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the same call with an id is accepted', () => container.start())
    await expect(runtime.command(['start'])).toBeRefused()
  })

  test('start of a container that does not exist is refused', {
    covers: ['start-not-created-errors'],
  }, async ({ bundles, runtime, control, id, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('a container that exists is started', () => container.start())
    await expect(runtime.start(id('unknown'))).toBeRefused()
  })

  test('start of a running container is refused and leaves it running', {
    covers: ['start-not-created-errors', 'start-not-created-no-effect'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('counting', shell('echo started; exec sleep 1000')),
    )
    await control('the first start is accepted', () => container.start())
    await untilPrinted(container.init, 'started\n')
    await expect(container.start()).toBeRefused()
    await expect(container).toBeRunning()
    expect(await container.init.stdout()).toBe('started\n')
  })

  test('start of a stopped container is refused and leaves it stopped', {
    covers: ['start-not-created-errors', 'start-not-created-no-effect'],
  }, async ({ bundles, runtime, control, temporaryDirectory, expect }) => {
    // A second run, which there must not be, would be seen to go on.
    const bundle = await bundles.busybox(
      'once',
      shell('echo started; mkdir /mnt/ran 2>/dev/null || exec sleep 1000'),
      addBindMount(await temporaryDirectory(), '/mnt'),
    )
    const container = await runtime.create(bundle)
    await control('the first start is accepted', () => container.start())
    expect(await untilEnded(container)).toHavePrinted('started\n')
    await expect(container).toHaveStatus('stopped')
    await expect(container.start()).toBeRefused()
    await expect(container).toHaveStatus('stopped')
    expect(await container.init.stdout()).toBe('started\n')
  })

  test('start of a paused container is refused and leaves it paused', {
    covers: ['start-not-created-errors', 'start-not-created-no-effect'],
    needs: pauseNeeds,
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the first start is accepted', () => container.start())
    await container.pause()
    await expect(container.start()).toBeRefused()
    await expect(container).toHaveStatus('paused')
  })

  test('start of a deleted container is refused', { covers: ['start-not-created-errors'] }, async ({
    bundles,
    runtime,
    control,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await control('the first start is accepted', () => container.start())
    await endOf(container)
    await container.delete()
    await expect(runtime.start(container.id)).toBeRefused()
  })

  test('a configuration without a process can be created and is refused by start', {
    covers: ['start-process-unset-errors', 'process-optional-before-start'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('the configuration with a process can be created and started', async () => {
      const complete = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await complete.start()
    })
    const bundle = await bundles.busybox('no-process', sleeping, (spec) => {
      delete spec.process
    })
    const container = await runtime.create(bundle)
    await expect(container.start()).toBeRefused()
  })
})
