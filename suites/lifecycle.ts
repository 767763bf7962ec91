import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from '../harness/suite/index.ts'
import { copyOf } from './bundle-copy.ts'
import { endOf, untilEnded } from './containers.ts'
import { sleeping } from './programs.ts'

export const lifecycle = suite('lifecycle', ({ test }) => {
  test('whoever creates a container can ask for its state, start, kill and delete it', {
    covers: ['operations-supported', 'scope-creator-can-operate'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await expect(container).toHaveStatus('created')
    await container.start()
    await expect(container).toHaveStatus('running')
    expect(await endOf(container)).toHaveBeenKilledBy('SIGKILL')
    await expect(container).toHaveStatus('stopped')
    await container.delete()
    await expect(runtime.state(container.id)).toBeRefused()
  })

  test('a change of config.json after create has no influence on the container', {
    covers: ['lifecycle-config-updates-ignored'],
  }, async ({ bundles, runtime, control, temporaryDirectory, expect }) => {
    const original = await bundles.busybox('original', ['echo', 'as created'])
    const changed = await bundles.busybox('changed', ['echo', 'as changed'])
    await control('the changed configuration would run otherwise', async () => {
      expect(await runtime.run(changed)).toHavePrinted('as changed\n')
    })
    const bundle = await copyOf(original, await temporaryDirectory())
    const container = await runtime.create(bundle)
    await copyFile(join(changed.path, 'config.json'), join(bundle.path, 'config.json'))
    await container.start()
    expect(await untilEnded(container)).toHavePrinted('as created\n')
  })

  test('a container whose config.json is gone after create starts and can be deleted', {
    covers: ['lifecycle-config-updates-ignored'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const bundle = await copyOf(
      await bundles.busybox('original', ['echo', 'as created']),
      await temporaryDirectory(),
    )
    const container = await runtime.create(bundle)
    await rm(join(bundle.path, 'config.json'))
    await container.start()
    expect(await untilEnded(container)).toHavePrinted('as created\n')
    await container.delete()
  })

  test('run creates, starts, waits for and deletes a container', { covers: [] }, async ({
    bundles,
    runtime,
    id,
    expect,
  }) => {
    const result = await runtime.run(await bundles.busybox('greeting', ['echo', 'hello']), { id: id('run') })
    expect(result).toHavePrinted('hello\n')
    expect(result).toHaveExited(0)
    await expect(runtime.state(id('run'))).toBeRefused()
  })
})
