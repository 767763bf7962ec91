import { mkdir, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readMounts } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed, observeProcess } from '../harness/probe/index.ts'
import type { Container, RunResult, Runtime } from '../harness/runtime/index.ts'
import {
  addMount,
  type Edit,
  edit,
  joinNamespace,
  withHostname,
  withRoot,
  withSysctl,
} from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { copyOf } from './bundle-copy.ts'
import { observeInit, startAndEnd, untilEnded } from './containers.ts'
import { shell, sleeping } from './programs.ts'

/** Ids that cannot name a directory of their own below the runtime's root. */
const malformedIds: Readonly<Record<string, string>> = {
  'that is empty': '',
  'that is a dot': '.',
  'that is two dots': '..',
  'with a slash': 'a/b',
  'that climbs out of the root': '../climber',
  'of 2000 characters': 'x'.repeat(2000),
}

/** Properties that no kernel can apply, each the one fault of an otherwise good configuration. */
const unappliable: Readonly<Record<string, Edit>> = {
  'a bind mount whose source does not exist': addMount({
    destination: '/mnt',
    type: 'bind',
    source: '/nowhere/to/be/found',
    options: ['bind'],
  }),
  'a file system type the kernel does not have': addMount({
    destination: '/mnt',
    type: 'nosuchfs',
    source: 'none',
  }),
  'a sysctl the kernel does not have': withSysctl('net.no_such_parameter', '1'),
  'a namespace path that does not exist': joinNamespace('uts', '/nowhere/ns/uts'),
}

/** Create as it stands on the command line: the driver would refuse an id before the runtime could. */
function createRaw(runtime: Runtime, bundle: { readonly path: string }, id: string): Promise<RunResult> {
  return runtime.command(['create', '--bundle', bundle.path, id])
}

/** What lies in the runtime's root, and beside it: where a malformed id would lead to. */
async function listing(root: string): Promise<readonly string[]> {
  return [...(await readdir(root)), '|', ...(await readdir(dirname(root)))]
}

export const create = suite('create', ({ test }) => {
  test('create makes a container that is created and has a living process', {
    covers: ['create-makes-container', 'operations-supported'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await expect(container).toHaveStatus('created')
    expect(container.init.isAlive()).toBe(true)
  })

  test('create builds the environment before it returns', {
    covers: [
      'lifecycle-environment-created-per-config',
      'lifecycle-resources-created-at-create',
      'create-applies-non-process-properties',
    ],
    needs: ['runtime:host-kernel', 'cgroup'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('environment', sleeping, (spec) =>
      edit(
        spec,
        addMount({ destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['size=1024k'] }),
        withHostname('proving-ground'),
      ),
    )
    const container = await runtime.create(bundle)
    const init = observeInit(container)
    const harness = observeProcess(process.pid)
    for (const namespace of ['pid', 'net', 'ipc', 'uts', 'mnt'])
      expect(init.namespaces.get(namespace), namespace).not.toBe(harness.namespaces.get(namespace))
    expect(init.mounts.find(({ mountPoint }) => mountPoint === '/mnt')).toMatchObject({ type: 'tmpfs' })
    expect(cgroupDirectoriesNamed(container.id)).not.toEqual([])
  })

  test('create does not run the program', {
    covers: [
      'lifecycle-program-not-run-at-create',
      'create-does-not-apply-args',
      'lifecycle-start-runs-program',
    ],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('announcing', shell('echo the program ran')))
    // Status and command line first: a program that had been run in create would have printed by then.
    await expect(container).toHaveStatus('created')
    expect(observeInit(container).commandLine).not.toContain('echo the program ran')
    expect(await container.init.stdout()).toBe('')
    await container.start()
    expect(await untilEnded(container)).toHavePrinted('the program ran\n')
  })

  test('create leaves a program that does not exist for start to refuse', {
    covers: ['create-does-not-apply-args'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('a program that exists can be created and started', async () => {
      const existing = await runtime.create(await bundles.busybox('true', ['true']))
      await existing.start()
    })
    const container = await runtime.create(await bundles.busybox('no-such-program', ['NoSuchProgram']))
    await expect(container.start()).toBeRefused()
  })

  test('create without a container id is refused', {
    covers: ['create-without-bundle-or-id-errors'],
  }, async ({ bundles, runtime, control, id, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    await control('the same call with an id is accepted', () => runtime.create(bundle, { id: id('named') }))
    await expect(runtime.command(['create', '--bundle', bundle.path])).toBeRefused()
  })

  test('create in a directory that is no bundle is refused', {
    covers: ['create-without-bundle-or-id-errors', 'bundle-config-json-required'],
  }, async ({ bundles, runtime, control, id, temporaryDirectory, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping)
    const nothing = await temporaryDirectory()
    await control('a bundle in its place is accepted', () => runtime.create(bundle, { id: id('bundle') }))
    await expect(runtime.create({ path: nothing }, { id: id('nothing') })).toBeRefused()
    await expect(runtime.state(id('nothing'))).toBeRefused()
  })

  for (const [status, bring] of Object.entries({
    created: async () => {},
    running: async (container) => container.start(),
    stopped: startAndEnd,
  } satisfies Record<string, (container: Container) => Promise<unknown>>)) {
    test(`create refuses the id of a ${status} container and leaves that container alone`, {
      covers: ['create-duplicate-id-errors', 'create-bad-id-no-new-container', 'state-id-unique-on-host'],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox('sleeping', sleeping)
      const container = await runtime.create(bundle)
      await bring(container)
      await expect(container).toHaveStatus(status)
      const before = await container.state()
      await expect(createRaw(runtime, bundle, container.id)).toBeRefused()
      expect(await container.state()).toEqual(before)
    })
  }

  for (const [description, malformed] of Object.entries(malformedIds)) {
    test(`create refuses an id ${description}`, {
      covers: ['create-invalid-id-errors', 'create-bad-id-no-new-container'],
    }, async ({ bundles, runtime, control, id, expect }) => {
      const bundle = await bundles.busybox('sleeping', sleeping)
      await control('a plain id is accepted', () => runtime.create(bundle, { id: id('plain') }))
      const before = await listing(runtime.root)
      await expect(createRaw(runtime, bundle, malformed)).toBeRefused()
      expect(await listing(runtime.root)).toEqual(before)
    })
  }

  for (const [description, fault] of Object.entries(unappliable)) {
    test(`create refuses ${description} and leaves nothing behind`, {
      covers: [
        'create-unappliable-property-errors',
        'create-unappliable-property-no-container',
        'lifecycle-environment-failure-errors',
        'errors-leave-environment-untouched',
      ],
    }, async ({ bundles, runtime, control, id, expect }) => {
      await control('the configuration without the fault is accepted', async () =>
        runtime.create(await bundles.busybox('sleeping', sleeping), { id: id('good') }),
      )
      const bundle = await bundles.busybox(description.replaceAll(' ', '-'), sleeping, fault)
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
      expect(cgroupDirectoriesNamed(id('bad'))).toEqual([])
      expect(readMounts().filter(({ mountPoint }) => mountPoint.startsWith(bundle.path))).toEqual([])
    })
  }

  test('a bundle keeps its configuration in config.json and under no other name', {
    covers: ['bundle-config-json-name'],
  }, async ({ bundles, runtime, control, id, temporaryDirectory, expect }) => {
    const bundle = await copyOf(await bundles.busybox('sleeping', sleeping), await temporaryDirectory())
    await control('the copy is a bundle', () => runtime.create(bundle, { id: id('right') }))
    await rename(join(bundle.path, 'config.json'), join(bundle.path, 'Config.json'))
    await expect(createRaw(runtime, bundle, id('wrong'))).toBeRefused()
    await expect(runtime.state(id('wrong'))).toBeRefused()
  })

  test('a bundle keeps its configuration at its top and in no subdirectory', {
    covers: ['bundle-config-json-at-root'],
  }, async ({ bundles, runtime, control, id, temporaryDirectory, expect }) => {
    const bundle = await copyOf(await bundles.busybox('sleeping', sleeping), await temporaryDirectory())
    await control('the copy is a bundle', () => runtime.create(bundle, { id: id('right') }))
    await mkdir(join(bundle.path, 'sub'))
    await rename(join(bundle.path, 'config.json'), join(bundle.path, 'sub', 'config.json'))
    await expect(createRaw(runtime, bundle, id('wrong'))).toBeRefused()
    await expect(runtime.state(id('wrong'))).toBeRefused()
  })

  test('a bundle works wherever its directory is moved to', {
    covers: ['bundle-artifacts-one-directory'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const bundle = await copyOf(
      await bundles.busybox('greeting', ['echo', 'still here'], withRoot('rootfs'), { rootfs: 'private' }),
      await temporaryDirectory(),
    )
    expect(await runtime.run(bundle)).toHavePrinted('still here\n')
  })
})
