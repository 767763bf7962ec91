import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readMounts } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed } from '../harness/probe/index.ts'
import type { Container, Runtime } from '../harness/runtime/index.ts'
import { addMount, joinNamespace } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, pauseNeeds, pidOf, startAndEnd, untilEnded } from './containers.ts'
import { shell, sleeping } from './programs.ts'

/** What the runtime keeps about a container in its root: an entry called by its id, or several with it in their names. */
async function entriesAbout({ id }: Container, { root }: Runtime): Promise<readonly string[]> {
  return (await readdir(root)).filter((name) => name.includes(id))
}

export const deletion = suite('delete', ({ test }) => {
  test('delete of a stopped container removes all that create made', {
    covers: ['delete-removes-created-resources', 'lifecycle-destroy-undoes-create', 'operations-supported'],
    needs: ['cgroup'],
  }, async ({ bundles, runtime, control, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const container = await runtime.create(bundle)
    await control('there is something to remove', async () => {
      expect(await entriesAbout(container, runtime)).not.toEqual([])
      expect(cgroupDirectoriesNamed(container.id)).not.toEqual([])
    })
    await startAndEnd(container)
    await container.delete()
    await expect(runtime.state(container.id)).toBeRefused()
    expect(cgroupDirectoriesNamed(container.id)).toEqual([])
    expect(await entriesAbout(container, runtime)).toEqual([])
    expect(readMounts().filter(({ mountPoint }) => mountPoint.startsWith(bundle.path))).toEqual([])
  })

  test('the id of a deleted container can be used again', { covers: ['delete-id-reusable'] }, async ({
    bundles,
    runtime,
    id,
    expect,
  }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    for (const _round of ['first', 'second']) {
      const container = await runtime.create(bundle, { id: id('again') })
      await container.start()
      await expect(container).toBeRunning()
      await endOf(container)
      await container.delete()
    }
  })

  test('delete without a container id is refused', { covers: ['delete-without-id-errors'] }, async ({
    bundles,
    runtime,
    control,
    expect,
  }) => {
    await control('the same call with an id is accepted', async () => {
      const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await startAndEnd(container)
      await container.delete()
    })
    await expect(runtime.command(['delete'])).toBeRefused()
  })

  test('delete of a container that does not exist is refused', { covers: [] }, async ({
    bundles,
    runtime,
    control,
    id,
    expect,
  }) => {
    await control('a container that exists is deleted', async () => {
      const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await startAndEnd(container)
      await container.delete()
    })
    await expect(runtime.delete(id('unknown'))).toBeRefused()
  })

  test('delete of a running container is refused and leaves it running', {
    covers: ['lifecycle-delete-not-stopped-error', 'delete-not-stopped-no-effect'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await expect(container).toBeRunning()
    const before = await container.state()
    await expect(container.delete()).toBeRefused()
    expect(await container.state()).toEqual(before)
    await expect(container).toBeRunning()
    await control('the same container is deleted once it has stopped', async () => {
      await endOf(container)
      await container.delete()
    })
  })

  test('delete of a created container is refused and leaves it created', {
    covers: ['lifecycle-delete-not-stopped-error', 'delete-not-stopped-no-effect'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('a stopped container is deleted', async () => {
      const stopped = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await startAndEnd(stopped)
      await stopped.delete()
    })
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await expect(container).toHaveStatus('created')
    await expect(container.delete()).toBeRefused()
    await expect(container).toHaveStatus('created')
  })

  test('delete of a paused container is refused and leaves it paused', {
    covers: ['lifecycle-delete-not-stopped-error', 'delete-not-stopped-no-effect'],
    needs: pauseNeeds,
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await container.pause()
    await expect(container).toHaveStatus('paused')
    await expect(container.delete()).toBeRefused()
    await expect(container).toHaveStatus('paused')
    await control('the same container is deleted once it has stopped', async () => {
      await container.resume()
      await endOf(container)
      await container.delete()
    })
  })

  test('delete with force ends a running container and removes it', { covers: [] }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await expect(container).toBeRunning()
    await container.delete({ force: true })
    expect(await untilEnded(container)).toHaveExited(137)
    await expect(runtime.state(container.id)).toBeRefused()
    expect(cgroupDirectoriesNamed(container.id)).toEqual([])
  })

  test('delete keeps the root file system and the source of a bind mount', {
    covers: ['delete-keeps-foreign-resources'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const source = await temporaryDirectory()
    await writeFile(join(source, 'kept'), 'before\n')
    const bundle = await bundles.busybox(
      'bind-source',
      shell('cat /mnt/kept && echo after > /mnt/kept'),
      addMount({ destination: '/mnt', type: 'bind', source, options: ['bind', 'rw'] }),
    )
    const container = await runtime.create(bundle)
    await container.start()
    expect(await untilEnded(container)).toHavePrinted('before\n')
    await container.delete()
    expect(await readFile(join(source, 'kept'), 'utf8')).toBe('after\n')
    expect((await stat(join(bundle.rootfs, 'bin'))).isDirectory()).toBe(true)
  })

  test('delete keeps a namespace that the container only joined', {
    covers: ['delete-keeps-foreign-resources'],
    needs: ['runtime:host-kernel', 'root'],
  }, async ({ bundles, runtime, expect }) => {
    const owner = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await owner.start()
    const path = `/proc/${pidOf(owner)}/ns/ipc`
    const shared = await readlink(path)
    const guest = await runtime.create(
      await bundles.busybox('guest', shell('readlink /proc/self/ns/ipc'), joinNamespace('ipc', path)),
    )
    await guest.start()
    expect(await untilEnded(guest)).toHavePrinted(`${shared}\n`)
    await guest.delete()
    await expect(owner).toBeRunning()
    expect(await readlink(path)).toBe(shared)
  })
})
