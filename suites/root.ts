import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BundleOptions } from '../harness/bundle/index.ts'
import { readMounts } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed, InsideObservation, insideScript } from '../harness/probe/index.ts'
import {
  addBindMount,
  addTmpfs,
  combine,
  type Edit,
  readonlyRoot,
  withoutValue,
  withRoot,
  withValue,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { copyOf } from './bundle-copy.ts'
import { shell, sleeping } from './programs.ts'

/** Where a bundle may have its root file system: what the configuration says, and the place that this means. */
interface RootPlace {
  readonly path: (bundle: string) => string
  readonly place: (bundle: string) => string
}

const rootPlaces: Readonly<Record<string, RootPlace>> = {
  'a name in the bundle': { path: () => 'rootfs', place: (bundle) => join(bundle, 'rootfs') },
  'a name that begins with a dot': { path: () => './rootfs', place: (bundle) => join(bundle, 'rootfs') },
  'another name than rootfs': { path: () => 'tree', place: (bundle) => join(bundle, 'tree') },
  'a path of several steps': { path: () => 'sub/tree', place: (bundle) => join(bundle, 'sub', 'tree') },
  'a path that leaves the bundle': { path: () => '../tree', place: (bundle) => join(bundle, '..', 'tree') },
  'an absolute path in the bundle': {
    path: (bundle) => join(bundle, 'rootfs'),
    place: (bundle) => join(bundle, 'rootfs'),
  },
  'an absolute path outside of the bundle': {
    path: (bundle) => join(bundle, '..', 'tree'),
    place: (bundle) => join(bundle, '..', 'tree'),
  },
}

/** Roots that no runtime can make use of, each the one fault of an otherwise good configuration. */
const faultyRoots: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'no root': { covers: 'root-required-on-linux', fault: withoutValue('root') },
  'a root without a path': { covers: 'root-path-required', fault: withoutValue('root.path') },
  'a root whose path is empty': { covers: 'root-path-required', fault: withValue('root.path', '') },
}

/** A root that containers share is read-only already, whatever a runtime makes of it. */
const ownRoot: BundleOptions = { rootfs: 'private' }

/** Tries to write at each of these paths, and says for each whether it could. */
function writing(...paths: readonly string[]): readonly string[] {
  return shell(
    `for path in ${paths.join(' ')}; do
      if (echo content >$path && [ "$(cat $path)" = content ]) 2>/dev/null; then echo $path written
      else echo $path refused; fi
    done`,
  )
}

async function refusesIn(
  { runtime, expect, id }: Pick<TestContext, 'runtime' | 'expect' | 'id'>,
  bundle: { readonly path: string },
): Promise<void> {
  await expect(runtime.command(['create', '--bundle', bundle.path, id('bad')])).toBeRefused()
  await expect(runtime.state(id('bad'))).toBeRefused()
  expect(cgroupDirectoriesNamed(id('bad'))).toEqual([])
  expect(readMounts().filter(({ mountPoint }) => mountPoint.startsWith(bundle.path))).toEqual([])
}

export const root = suite('root', ({ test }) => {
  for (const [description, { path, place }] of Object.entries(rootPlaces)) {
    test(`the path of the root file system can be ${description}`, {
      covers: ['root-path-absolute-or-relative', 'root-path-conventional-name'],
    }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
      const directory = await temporaryDirectory()
      const bundle = await copyOf(
        await bundles.busybox(
          description.replaceAll(' ', '-'),
          ['cat', '/mark'],
          withRoot(path(join(directory, 'bundle'))),
          ownRoot,
        ),
        directory,
      )
      const rootfs = place(bundle.path)
      await mkdir(dirname(rootfs), { recursive: true })
      await rename(join(bundle.path, 'rootfs'), rootfs)
      await writeFile(join(rootfs, 'mark'), 'the right root\n')
      expect(await runtime.run(bundle)).toHavePrinted('the right root\n')
    })
  }

  test('the path of the root file system does not count from the working directory of the runtime', {
    covers: ['root-path-absolute-or-relative'],
  }, async ({ bundles, runtime, temporaryDirectory, id, expect }) => {
    const [directory, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()]
    const original = await bundles.busybox('of-two-roots', ['cat', '/mark'], withRoot('rootfs'), ownRoot)
    const [bundle, other] = [await copyOf(original, directory), await copyOf(original, elsewhere)]
    await writeFile(join(bundle.path, 'rootfs', 'mark'), 'the root of the bundle\n')
    await writeFile(join(other.path, 'rootfs', 'mark'), 'the root of the working directory\n')
    const words = ['run', '--bundle', bundle.path, id()]
    const result = await runtime.command(words, { workingDirectory: other.path })
    expect(result).toHavePrinted('the root of the bundle\n')
  })

  for (const [description, { covers, fault }] of Object.entries(faultyRoots)) {
    test(`create refuses a configuration with ${description}`, { covers: [covers] }, async (context) => {
      const { bundles, runtime, control } = context
      await control('the configuration with its root is accepted', async () =>
        runtime.create(await bundles.busybox('sleeping', sleeping)),
      )
      await refusesIn(context, await bundles.busybox(description.replaceAll(' ', '-'), sleeping, fault))
    })
  }

  const unusable: Readonly<Record<string, (rootfs: string) => Promise<void>>> = {
    'does not exist': async () => {},
    'is a regular file': async (rootfs) => writeFile(rootfs, ''),
  }
  for (const [description, replace] of Object.entries(unusable)) {
    test(`create refuses a root file system that ${description}`, {
      covers: ['root-path-directory-exists'],
    }, async (context) => {
      const { bundles, runtime, control, temporaryDirectory } = context
      const bundle = await copyOf(
        await bundles.busybox('sleeping-in-copy', sleeping, withRoot('rootfs'), ownRoot),
        await temporaryDirectory(),
      )
      await control('the same bundle with its root is accepted', () => runtime.create(bundle))
      const rootfs = join(bundle.path, 'rootfs')
      await rm(rootfs, { recursive: true })
      await replace(rootfs)
      await refusesIn(context, bundle)
    })
  }

  const writable: Readonly<Record<string, Edit>> = {
    'that does not say whether its root is read-only': withoutValue('root.readonly'),
    'whose root is not read-only': readonlyRoot(false),
  }
  for (const [description, filter] of Object.entries(writable)) {
    test(`a container ${description} can write to its root file system`, {
      covers: ['root-readonly-optional'],
    }, async ({ bundles, runtime, observe, expect }) => {
      const name = description.replaceAll(' ', '-')
      const inside = await observe(`seen-${name}`, filter)
      expect(inside.mountAt('/').options).toContain('rw')
      const bundle = await bundles.busybox(name, writing('/written', '/bin/written'), filter)
      expect(await runtime.run(bundle)).toHavePrinted('/written written\n/bin/written written\n')
    })
  }

  test('a read-only root file system is mounted so', { covers: ['root-readonly-enforced'] }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const bundle = await bundles.busybox('read-only', shell(insideScript), readonlyRoot(), ownRoot)
    const { options } = new InsideObservation((await runtime.run(bundle)).stdout).mountAt('/')
    expect(options).toContain('ro')
    expect(options).not.toContain('rw')
  })

  test('a container cannot write to a read-only root file system', {
    covers: ['root-readonly-enforced'],
  }, async ({ bundles, runtime, control, expect }) => {
    const paths = writing('/written', '/bin/written', '/bin/sh')
    await control('it can write to one that is not read-only', async () => {
      const bundle = await bundles.busybox('writable-twin', writing('/written'), readonlyRoot(false))
      expect(await runtime.run(bundle)).toHavePrinted('/written written\n')
    })
    const bundle = await bundles.busybox('read-only-twin', paths, readonlyRoot(), ownRoot)
    const result = await runtime.run(bundle)
    expect(result).toHavePrinted('/written refused\n/bin/written refused\n/bin/sh refused\n')
  })

  test('a process executed in a container cannot write to a read-only root file system', {
    covers: ['root-readonly-enforced'],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, control, expect }) => {
    const writeIn = async (name: string, filter: Edit) => {
      const container = await runtime.create(await bundles.busybox(name, sleeping, filter, ownRoot))
      await container.start()
      return await container.exec(writing('/written'))
    }
    await control('it can write to one that is not read-only', async () => {
      expect(await writeIn('executing-writable', readonlyRoot(false))).toHavePrinted('/written written\n')
    })
    expect(await writeIn('executing-read-only', readonlyRoot())).toHavePrinted('/written refused\n')
  })

  test('what is mounted in a read-only root file system stays writable', {
    covers: ['root-readonly-enforced'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const directory = await temporaryDirectory()
    const filter = combine(readonlyRoot(), addTmpfs('/memory'), addBindMount(directory, '/bound'))
    const bundle = await bundles.busybox('submounts', writing('/memory/a', '/bound/b', '/c'), filter)
    expect(await runtime.run(bundle)).toHavePrinted('/memory/a written\n/bound/b written\n/c refused\n')
  })

  test('a root file system that is read-only for the container stays writable for the host', {
    covers: ['root-readonly-enforced'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const filter = combine(withRoot('rootfs'), readonlyRoot())
    const bundle = await copyOf(
      await bundles.busybox('read-only-copy', ['cat', '/from-host'], filter, ownRoot),
      await temporaryDirectory(),
    )
    const container = await runtime.create(bundle)
    await writeFile(join(bundle.path, 'rootfs', 'from-host'), 'written by the host\n')
    await container.start()
    expect(await container.wait()).toHavePrinted('written by the host\n')
  })
})
