import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeldNamespaces, readMounts, runTool } from '../harness/host/index.ts'
import { InsideObservation, insideScript } from '../harness/probe/index.ts'
import {
  addBindMount,
  combine,
  type Edit,
  type Linux,
  withLinux,
  withRoot,
  withValue,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { copyOf } from './bundle-copy.ts'
import { untilEnded, untilPrinted } from './containers.ts'
import { shell, sleeping } from './programs.ts'

type Propagation = NonNullable<Linux['rootfsPropagation']>

/** How the kernel marks the root mount, without the numbers of peer groups. */
const marks: Readonly<Record<Propagation, readonly string[]>> = {
  shared: ['shared'],
  slave: ['master'],
  private: [],
  unbindable: ['unbindable'],
}

/**
 * A mount namespace for the runtime in which everything is shared, as it is on most hosts. The bundle lies on a mount of
 * its own there: on some hosts it would be the root mount otherwise and on others not, and runtimes treat the two
 * differently.
 */
async function sharedHolder(
  { runtime }: Pick<TestContext, 'runtime'>,
  bundle: { readonly path: string },
): Promise<HeldNamespaces> {
  const script = 'mount --bind "$1" "$1" && mount --make-rshared /'
  return await HeldNamespaces.open(['mnt'], { prefix: runtime.prefix, script, arguments: [bundle.path] })
}

function withPropagation(rootfsPropagation: Propagation): Edit {
  return withLinux({ rootfsPropagation })
}

/** Waits for a sign from the host, and then lists what has arrived. */
const looking = shell('echo waiting; until [ -e /signs/look ]; do sleep 0.01; done; ls /arrival')

/** What a container sees of a file system that the host mounts below its root when it runs already. */
async function arrivalsWith(
  propagation: Propagation,
  name: string,
  context: TestContext,
): Promise<readonly string[]> {
  const { bundles, runtime, control, temporaryDirectory, expect } = context
  const [directory, signs] = [await temporaryDirectory(), await temporaryDirectory()]
  const filter = combine(withRoot('rootfs'), withPropagation(propagation), addBindMount(signs, '/signs'))
  const bundle = await copyOf(await bundles.busybox(name, looking, filter), directory)
  const arrival = join(bundle.path, 'rootfs', 'arrival')
  await mkdir(arrival)
  await using holder = await sharedHolder(context, bundle)
  await control('mounts of the host are passed on', async () => {
    const mount = readMounts(holder.pid).findLast(({ mountPoint }) => mountPoint === bundle.path)
    expect(mount?.propagation).toContainEqual(expect.stringMatching(/^shared:/))
  })
  const container = await runtime.behind(holder.entering('mnt')).create(bundle)
  await container.start()
  await untilPrinted(container.init, 'waiting\n')
  const mount = `mount -t tmpfs none "$1" && touch "$1/something"`
  await runTool([...holder.entering('mnt'), 'sh', '-c', mount, 'sh', arrival])
  await writeFile(join(signs, 'look'), '')
  const end = await untilEnded(container)
  expect(end).toHaveExited(0)
  return end.stdout.split('\n').slice(1, -1)
}

export const rootfsPropagation = suite('rootfs-propagation', ({ test }) => {
  for (const propagation of ['shared', 'slave', 'private', 'unbindable'] as const) {
    test(`rootfs propagation ${propagation} is what the kernel says of the root mount`, {
      covers: ['rootfspropagation-optional'],
      needs: ['mount-namespace'],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const bundle = await bundles.busybox(propagation, shell(insideScript), withPropagation(propagation))
      await using holder = await sharedHolder(context, bundle)
      const result = await runtime.behind(holder.entering('mnt')).run(bundle)
      const seen = new InsideObservation(result.stdout).mountAt('/').propagation
      const kinds = seen.map((mark) => mark.replace(/:\d+$/, '')).filter((kind) => kind !== 'propagate_from')
      // A shared mount may at the same time follow the mount that it was made from.
      expect(kinds.filter((kind) => propagation !== 'shared' || kind !== 'master')).toEqual(
        marks[propagation],
      )
    })
  }

  test('with rootfs propagation slave a later mount of the host arrives in the container', {
    covers: ['rootfspropagation-optional'],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    context.expect(await arrivalsWith('slave', 'slave-later', context)).toEqual(['something'])
  })

  for (const propagation of ['private', 'unbindable'] as const) {
    test(`a later mount of the host that arrives in a container with rootfs propagation slave does not with ${propagation}`, {
      covers: ['rootfspropagation-optional'],
      needs: ['mount-namespace', 'tmpfs-mount'],
    }, async (context) => {
      const { expect } = context
      expect(await arrivalsWith('slave', `slave-unlike-${propagation}`, context)).toEqual(['something'])
      expect(await arrivalsWith(propagation, `${propagation}-later`, context)).toEqual([])
    })
  }

  test('create refuses a rootfs propagation that does not exist', {
    covers: ['rootfspropagation-optional'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('one that exists is accepted', async () =>
      runtime.create(await bundles.busybox('existing', sleeping, withPropagation('private'))),
    )
    const fault = withValue('linux.rootfsPropagation', 'nosuchpropagation')
    await expect(runtime.create(await bundles.busybox('unknown', sleeping, fault))).toBeRefused()
  })
})
