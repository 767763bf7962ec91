import { access, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { parseMountInfo } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed, observeProcess } from '../harness/probe/index.ts'
import {
  addBindMount,
  combine,
  type Edit,
  type HookKind,
  hookKinds,
  stateSchema,
  withAnnotation,
  withHook,
  withoutNamespace,
  withValue,
} from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { copyOf } from './bundle-copy.ts'
import { endOf, pidOf, startAndEnd } from './containers.ts'
import {
  createKinds,
  createRaw,
  idOf,
  memberOf,
  needsOf,
  recorderOf,
  reportOf,
  reportsOfAll,
  withLastHook,
} from './hook-containers.ts'
import { linkedIn } from './hook-recorder.ts'
import { KeptNamespaces } from './kept-namespaces.ts'
import { sleeping } from './programs.ts'

const runtimeKinds = [
  'prestart',
  'createRuntime',
  'poststart',
  'poststop',
] as const satisfies readonly HookKind[]
const containerKinds = ['createContainer', 'startContainer'] as const satisfies readonly HookKind[]

/** The status that the definitions of the lifecycle give to each phase. */
const statusIn: Readonly<Record<HookKind, string>> = {
  prestart: 'creating',
  createRuntime: 'creating',
  createContainer: 'creating',
  startContainer: 'created',
  poststart: 'running',
  poststop: 'stopped',
}

/** Namespaces that the reference configuration makes for a container. */
const ownNamespaces = ['mnt', 'uts', 'ipc', 'net', 'pid'] as const

/** Where a container can be given programs under a path that leads nowhere on a host. */
const programsDirectory = '/srv/runwright-programs'

/** Lets a container see a directory of programs where a host has none. */
function withPrograms(directory: string): Edit {
  return addBindMount(directory, programsDirectory, 'ro')
}

export const hooks = suite('hooks', ({ test }) => {
  // When each kind runs.

  for (const kind of createKinds) {
    test(`${kind} hooks run during create, which waits for them`, {
      covers: [`lifecycle-${idOf(kind)}-invoked`, `hooks-${idOf(kind)}-timing`],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const recorder = await recorderOf(context)
      const bundle = await bundles.busybox(
        `during-${kind}`,
        sleeping,
        recorder.with(recorder.hook(kind, { before: 'sleep 0.2' })),
      )
      const container = await runtime.create(bundle)
      expect(await recorder.ran()).toEqual([kind])
      await container.start()
      await endOf(container)
      await container.delete()
      expect(await recorder.ran()).toEqual([kind])
    })
  }

  test('startContainer hooks run during start and before the program', {
    covers: ['lifecycle-startcontainer-invoked', 'hooks-startcontainer-timing'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'during-startContainer',
      recorder.program,
      recorder.with(recorder.hook('startContainer', { before: 'sleep 0.2' })),
    )
    const container = await runtime.create(bundle)
    expect(await recorder.ran()).toEqual([])
    await container.start()
    await recorder.untilRan('program')
    expect(await recorder.ran()).toEqual(['startContainer', 'program'])
  })

  test('poststart hooks do not run before start', { covers: ['hooks-poststart-timing'] }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'before-start',
      sleeping,
      recorder.with(recorder.hook('createRuntime'), recorder.hook('poststart')),
    )
    const container = await runtime.create(bundle)
    expect(await recorder.ran()).toEqual(['createRuntime'])
    await container.start()
    expect(await recorder.ran()).toContain('poststart')
  })

  test('start waits for the poststart hooks', {
    covers: ['lifecycle-poststart-invoked', 'hooks-poststart-timing'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'during-poststart',
      sleeping,
      recorder.with(recorder.hook('poststart', { before: 'sleep 0.2' })),
    )
    const container = await runtime.create(bundle)
    await container.start()
    expect(await recorder.ran()).toEqual(['poststart'])
    await endOf(container)
    await container.delete()
    expect(await recorder.ran()).toEqual(['poststart'])
  })

  test('poststart hooks run when the program is executed, not instead of it or before it', {
    covers: ['hooks-poststart-timing'],
    needs: ['runtime:host-kernel'],
  }, async (context) => {
    // A hook that runs beside the program's execution may have to look twice; one that start runs first looks in vain.
    const look = 'grep -q sleep "/proc/$pid/cmdline" && echo executed && break'
    const before = `for n in 0 1 2 3 4 5 6 7 8 9; do ${look}; sleep 0.1; done`
    const { note } = await reportOf('poststart', 'after-execution', context, (recorder) =>
      recorder.hook('poststart', { before }),
    )
    context.expect(note).toBe('executed\n')
  })

  test('poststop hooks run during delete, which waits for them', {
    covers: ['lifecycle-poststop-invoked', 'hooks-poststop-timing'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'during-poststop',
      sleeping,
      recorder.with(recorder.hook('createRuntime'), recorder.hook('poststop', { before: 'sleep 0.2' })),
    )
    const container = await runtime.create(bundle)
    await container.start()
    await endOf(container)
    await container.state()
    expect(await recorder.ran()).toEqual(['createRuntime'])
    await container.delete()
    expect(await recorder.ran()).toEqual(['createRuntime', 'poststop'])
  })

  test('poststop hooks run for a container that was never started', {
    covers: ['lifecycle-poststop-invoked'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'never-started',
      sleeping,
      recorder.with(recorder.hook('startContainer'), recorder.hook('poststop')),
    )
    const container = await runtime.create(bundle)
    await endOf(container)
    await container.delete()
    expect(await recorder.ran()).toEqual(['poststop'])
  })

  test('poststop hooks run when the cgroup of the container is gone', {
    covers: ['hooks-poststop-timing'],
    needs: ['cgroup'],
  }, async (context) => {
    const { bundles, runtime, control, id, expect } = context
    const recorder = await recorderOf(context)
    const before = `find /sys/fs/cgroup -type d -name '*${id('gone')}*' -print; echo looked`
    const bundle = await bundles.busybox(
      'cgroup-gone',
      sleeping,
      recorder.with(recorder.hook('createRuntime', { before }), recorder.hook('poststop', { before })),
    )
    const container = await runtime.create(bundle, { id: id('gone') })
    await control('a container has a cgroup that is named after it', async () => {
      expect(cgroupDirectoriesNamed(id('gone'))).not.toEqual([])
    })
    await startAndEnd(container)
    await container.delete()
    expect(await recorder.ran()).toContain('poststop')
    expect((await recorder.report('poststop')).note).toBe('looked\n')
  })

  for (const [first, second] of [
    ['prestart', 'createRuntime'],
    ['createRuntime', 'createContainer'],
  ] as const) {
    test(`${second} hooks run after ${first} hooks`, {
      covers: [
        first === 'prestart'
          ? 'hooks-prestart-before-createruntime'
          : 'hooks-createcontainer-after-createruntime',
      ],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const recorder = await recorderOf(context)
      const bundle = await bundles.busybox(
        `${first}-first`,
        sleeping,
        recorder.with(recorder.hook(second), recorder.hook(first, { before: 'sleep 0.2' })),
      )
      await runtime.create(bundle)
      expect(await recorder.ran()).toEqual([first, second])
    })
  }

  test('hooks of a kind run one after the other in the order of their list', {
    covers: ['hooks-run-in-listed-order'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const order = ['c', 'a', 'b']
    // The first take the longest, so that hooks which ran side by side would end in another order.
    const list = hookKinds.flatMap((kind) =>
      order.map((name, index) =>
        recorder.hook(kind, { label: `${kind} ${name}`, before: `sleep 0.${2 - index}` }),
      ),
    )
    const container = await runtime.create(await bundles.busybox('order', sleeping, recorder.with(...list)))
    await container.start()
    await recorder.untilRan('startContainer b')
    await endOf(container)
    await container.delete()
    const ran = await recorder.ran()
    for (const kind of hookKinds)
      expect(ran.filter((label) => label.startsWith(`${kind} `))).toEqual(
        order.map((name) => `${kind} ${name}`),
      )
  })

  test('run calls the hooks of every kind once', {
    covers: hookKinds.map((kind) => `lifecycle-${idOf(kind)}-invoked`),
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'run',
      ['true'],
      recorder.with(...hookKinds.map((kind) => recorder.hook(kind))),
    )
    expect(await runtime.run(bundle)).toHaveExited(0)
    expect([...(await recorder.ran())].sort()).toEqual([...hookKinds].sort())
  })

  test('a start that is refused does not run the hooks of start again', {
    covers: ['start-not-created-no-effect'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'refused-start',
      recorder.program,
      recorder.with(recorder.hook('startContainer'), recorder.hook('poststart')),
    )
    const container = await runtime.create(bundle)
    await container.start()
    await control('the hooks run at the first start', () => recorder.untilRan('program'))
    await expect(container.start()).toBeRefused()
    expect([...(await recorder.ran())].sort()).toEqual(['poststart', 'program', 'startContainer'])
  })

  test('a configuration may hold empty lists of hooks', {
    covers: ['hooks-optional', ...hookKinds.map((kind) => `hooks-${idOf(kind)}-optional`)],
  }, async ({ bundles, runtime, expect }) => {
    const empty = withValue('hooks', Object.fromEntries(hookKinds.map((kind) => [kind, []])))
    const bundle = await bundles.busybox('empty-lists', ['echo', 'ran'], empty)
    expect(await runtime.run(bundle)).toHavePrinted('ran\n')
  })

  // What there is when they run.

  for (const kind of ['prestart', 'createRuntime'] as const) {
    test(`when ${kind} hooks run, the namespaces of the container exist`, {
      covers: [`hooks-${idOf(kind)}-timing`, 'lifecycle-environment-created-per-config'],
      needs: ['runtime:host-kernel', 'runtime:rootless-namespaces'],
    }, async (context) => {
      const { expect } = context
      const before = 'ls -l "/proc/$pid/ns"'
      const { note, container } = await reportOf(kind, `namespaces-exist-${kind}`, context, (recorder) =>
        recorder.hook(kind, { before }),
      )
      const later = observeProcess(pidOf(container)).namespaces
      const own = observeProcess(process.pid).namespaces
      for (const name of ownNamespaces) {
        expect(linkedIn(note).get(name), name).toBe(later.get(name))
        expect(linkedIn(note).get(name), name).not.toBe(own.get(name))
      }
    })

    test(`when ${kind} hooks run, the root of the container is not changed yet`, {
      covers: [`hooks-${idOf(kind)}-timing`],
      needs: ['runtime:host-kernel', 'runtime:rootless-namespaces'],
    }, async (context) => {
      const { expect } = context
      const recorder = await recorderOf(context)
      const before = 'test -e "/proc/$pid/root$directory/record" && echo reachable; echo looked'
      const bundle = await context.bundles.busybox(
        `root-unchanged-${kind}`,
        sleeping,
        recorder.with(recorder.hook(kind, { before })),
      )
      const container = await context.runtime.create(bundle)
      expect(await recorder.ran()).toContain(kind)
      expect((await recorder.report(kind)).note).toBe('reachable\nlooked\n')
      // Once the container is created, the same path leads nowhere.
      await expect(
        access(join('/proc', String(pidOf(container)), 'root', recorder.directory, 'record')),
      ).rejects.toThrow()
    })
  }

  test('when createRuntime hooks run, the mounts of the container are made', {
    covers: ['hooks-createruntime-timing'],
    needs: ['runtime:host-kernel'],
  }, async (context) => {
    const { note, bundle } = await reportOf('createRuntime', 'mounts-of-createRuntime', context, (recorder) =>
      recorder.hook('createRuntime', { before: 'cat "/proc/$pid/mountinfo"' }),
    )
    const mountPoints = parseMountInfo(note).map(({ mountPoint }) => mountPoint)
    context.expect(mountPoints).toContain(join(bundle.rootfs, 'mnt'))
  })

  test('when createContainer hooks run, the mounts of the container are made', {
    covers: ['hooks-createcontainer-timing'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { note, bundle } = await reportOf(
      'createContainer',
      'mounts-of-createContainer',
      context,
      (recorder) => recorder.hook('createContainer', { before: 'cat "/proc/$self/mountinfo"' }),
    )
    const mountPoints = parseMountInfo(note).map(({ mountPoint }) => mountPoint)
    context.expect(mountPoints).toContain(join(bundle.rootfs, 'mnt'))
  })

  test('when createContainer hooks run, the root is not changed yet', {
    covers: ['hooks-createcontainer-timing'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const recorder = await recorderOf(context)
    const bundle = await context.bundles.busybox(
      'root-of-createContainer',
      sleeping,
      recorder.with(
        recorder.hook('createContainer', {
          before: 'test -e "$directory/record" && echo reachable; test -e /mnt/record || echo outside',
        }),
      ),
    )
    await context.runtime.create(bundle)
    context.expect(await recorder.ran()).toContain('createContainer')
    context.expect((await recorder.report('createContainer')).note).toBe('reachable\noutside\n')
  })

  // Where they run.

  for (const kind of runtimeKinds) {
    test(`${kind} hooks run in the namespaces of the runtime`, {
      covers: [`hooks-${idOf(kind)}-executed-in-runtime-ns`],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const recorder = await recorderOf(context)
      const bundle = await bundles.busybox(
        `runtime-namespaces-${kind}`,
        recorder.program,
        recorder.with(recorder.hook(kind)),
      )
      const container = await runtime.create(bundle)
      await container.start()
      await recorder.untilRan('program')
      await using _namespaces = await KeptNamespaces.of(pidOf(container))
      await endOf(container)
      await container.delete()
      expect(await recorder.ran()).toContain(kind)
      const hook = await recorder.report(kind)
      const program = await recorder.report('program')
      const own = observeProcess(process.pid).namespaces
      for (const name of ownNamespaces) {
        expect(hook.namespaces.get(name), name).not.toBe(program.namespaces.get(name))
        // A runtime that is started in a mount namespace of its own has another one than this process.
        if (name !== 'mnt' || runtime.prefix.length === 0)
          expect(hook.namespaces.get(name), name).toBe(own.get(name))
      }
    })
  }

  for (const kind of containerKinds) {
    test(`${kind} hooks run in the namespaces of the container`, {
      covers: [`hooks-${idOf(kind)}-executed-in-container-ns`],
      needs: ['runtime:container-hooks'],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const recorder = await recorderOf(context)
      const bundle = await bundles.busybox(
        `container-namespaces-${kind}`,
        recorder.program,
        recorder.with(recorder.hook(kind)),
      )
      const container = await runtime.create(bundle)
      await container.start()
      await recorder.untilRan('program')
      expect(await recorder.ran()).toContain(kind)
      const hook = await recorder.report(kind)
      const program = await recorder.report('program')
      const own = observeProcess(process.pid).namespaces
      for (const name of ownNamespaces) {
        expect(hook.namespaces.get(name), name).toBe(program.namespaces.get(name))
        expect(hook.namespaces.get(name), name).not.toBe(own.get(name))
      }
    })
  }

  for (const kind of hookKinds.filter((each) => each !== 'startContainer')) {
    test(`the path of a ${kind} hook leads to a program that only the host has`, {
      covers: [`hooks-${idOf(kind)}-path-resolves-in-runtime-ns`],
      needs: needsOf(kind),
    }, async (context) => {
      const { rootfs } = await context.bundles.busybox('sleeping', sleeping)
      const path = join(rootfs, 'bin', 'busybox')
      const { arguments: given } = await reportOf(kind, `host-path-${kind}`, context, (recorder) =>
        recorder.hook(kind, { path }),
      )
      context.expect(given[0]).toBe('sh')
    })

    test(`the path of a ${kind} hook does not lead to a program that only the container has`, {
      covers: [`hooks-${idOf(kind)}-path-resolves-in-runtime-ns`],
      needs: needsOf(kind),
    }, async (context) => {
      const { bundles, runtime, control, id, expect } = context
      const recorder = await recorderOf(context)
      const path = `${programsDirectory}/busybox`
      const { rootfs } = await bundles.busybox('sleeping', sleeping)
      const programs = withPrograms(join(rootfs, 'bin'))
      await control('the program is there in the container', async () => {
        const bundle = await bundles.busybox(
          `inside-path-control-${kind}`,
          [path, 'sh', '-c', 'echo here'],
          programs,
        )
        expect(await runtime.run(bundle)).toHavePrinted('here\n')
      })
      const bundle = await bundles.busybox(
        `inside-path-${kind}`,
        sleeping,
        combine(programs, recorder.with(recorder.hook(kind, { path }))),
      )
      const created = await createRaw(runtime, bundle, id())
      if (createKinds.some((each) => each === kind)) expect(created.exitCode).not.toBe(0)
      for (const verb of [['start'], ['kill'], ['delete', '--force']] as const)
        await runtime.command([verb[0], ...verb.slice(1), id()])
      expect(await recorder.ran()).toEqual([])
    })
  }

  test('the path of a startContainer hook leads to a program that only the container has', {
    covers: ['hooks-startcontainer-path-resolves-in-container-ns'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { rootfs } = await context.bundles.busybox('sleeping', sleeping)
    const { arguments: given } = await reportOf('startContainer', 'container-path', context, (recorder) =>
      combine(
        withPrograms(join(rootfs, 'bin')),
        recorder.hook('startContainer', { path: `${programsDirectory}/busybox` }),
      ),
    )
    context.expect(given[0]).toBe('sh')
  })

  test('the path of a startContainer hook does not lead to a program that only the host has', {
    covers: ['hooks-startcontainer-path-resolves-in-container-ns'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, control, id, expect } = context
    const recorder = await recorderOf(context)
    const { rootfs } = await bundles.busybox('sleeping', sleeping)
    const path = join(rootfs, 'bin', 'busybox')
    await control('the program is there on the host', () => access(path))
    const bundle = await bundles.busybox(
      'outside-path',
      sleeping,
      recorder.with(recorder.hook('startContainer', { path })),
    )
    const container = await runtime.create(bundle, { id: id('outside') })
    // Whether start notices is another question: the hook may run behind it.
    await runtime.command(['start', container.id])
    await runtime.command(['kill', container.id, 'KILL'])
    await container.wait()
    expect(await recorder.ran()).toEqual([])
  })

  // What they are given.

  for (const kind of hookKinds) {
    test(`${kind} hooks are given id and bundle of the container on their standard input`, {
      covers: ['hooks-state-on-stdin'],
      needs: needsOf(kind),
    }, async (context) => {
      const { state, container, bundle } = await reportOf(kind, `state-${kind}`, context)
      context.expect(state).toMatchObject({ id: container.id, bundle: bundle.path })
    })

    test(`the state that ${kind} hooks are given says '${statusIn[kind]}'`, {
      covers: ['hooks-state-status-fits-phase'],
      needs: needsOf(kind),
    }, async (context) => {
      const { state } = await reportOf(kind, `status-${kind}`, context)
      context.expect(state).toMatchObject({ status: statusIn[kind] })
    })
  }

  test('the state that hooks are given is valid against the schema of the specification', {
    covers: ['state-json-schema', 'hooks-state-on-stdin'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    for (const [kind, { state }] of await reportsOfAll('schema', context))
      context.expect(v.safeParse(stateSchema, state).issues ?? [], kind).toEqual([])
  })

  test('the state that hooks are given names the version that the state command names', {
    covers: ['hooks-state-on-stdin', 'state-ociversion-required'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const { ociVersion } = await (await runtime.create(await bundles.busybox('sleeping', sleeping))).state()
    for (const [kind, { state }] of await reportsOfAll('version', context))
      expect(state, kind).toMatchObject({ ociVersion })
  })

  test('no hook is given a status that is another name for one of the specification', {
    covers: ['state-status-additional-values-new-only'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    // Nothing of the runtime's own happens to this container, so it is in one of the four states at any time.
    const known = Object.values(statusIn)
    for (const [kind, { state }] of await reportsOfAll('statuses', context))
      context.expect(known, kind).toContain(memberOf(state, 'status'))
  })

  test('annotations in the state that hooks are given are those of the configuration', {
    covers: ['state-annotations-optional'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const edits = () => [withAnnotation('org.runwright.colour', 'green')]
    for (const [kind, { state }] of await reportsOfAll('annotations', context, edits)) {
      // The property may be left out; where it is given, it has to be right.
      const annotations = memberOf(state, 'annotations')
      if (annotations !== undefined)
        context.expect(annotations, kind).toMatchObject({ 'org.runwright.colour': 'green' })
    }
  })

  for (const kind of ['prestart', 'createRuntime', 'poststart'] as const) {
    test(`${kind} hooks are given the pid of the container's process as the host sees it`, {
      covers: ['state-pid-view-runtime-ns-hooks'],
    }, async (context) => {
      const { state, container } = await reportOf(kind, `host-pid-${kind}`, context)
      context.expect(state).toMatchObject({ pid: pidOf(container) })
    })
  }

  for (const kind of containerKinds) {
    test(`${kind} hooks are given the pid of the container's process as the container sees it`, {
      covers: ['state-pid-view-container-ns-hooks'],
      needs: ['runtime:container-hooks'],
    }, async (context) => {
      const { state } = await reportOf(kind, `inside-pid-${kind}`, context)
      context.expect(state).toMatchObject({ pid: 1 })
    })

    test(`without a pid namespace ${kind} hooks are given the pid that the host sees`, {
      covers: ['state-pid-view-container-ns-hooks'],
      needs: ['runtime:container-hooks'],
    }, async (context) => {
      const { state, container } = await reportOf(kind, `shared-pid-${kind}`, context, (recorder) =>
        combine(recorder.hook(kind), withoutNamespace('pid')),
      )
      context.expect(state).toMatchObject({ pid: pidOf(container) })
    })
  }

  test('the args of a hook are its whole command line, argv[0] included', {
    covers: ['hooks-entry-args-optional'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, expect } = context
    const { rootfs } = await bundles.busybox('sleeping', sleeping)
    const more = ['two words', '', "quote'", '$HOME']
    // The program is busybox, which takes its first word for the name of the program it is to be.
    const edits = () =>
      hookKinds.map((kind) =>
        withLastHook(kind, (hook) => {
          hook.path = kind === 'startContainer' ? '/bin/busybox' : join(rootfs, 'bin', 'busybox')
          hook.args?.push(...more)
        }),
      )
    for (const [kind, { arguments: given }] of await reportsOfAll('arguments', context, edits)) {
      expect(given[0], kind).toBe('sh')
      expect(given.slice(-more.length), kind).toEqual(more)
    }
  })

  test('the env of a hook is its whole environment', {
    covers: ['hooks-entry-env-optional'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const env = ['COLOUR=green', 'EMPTY=', 'TWO=two words', 'PATH=/usr/bin:/bin']
    const edits = () =>
      hookKinds.map((kind) =>
        withLastHook(kind, (hook) => {
          hook.env = [...env, `KIND=${kind}`]
        }),
      )
    for (const [kind, { environment }] of await reportsOfAll('environment', context, edits))
      context.expect([...environment].sort(), kind).toEqual([...env, `KIND=${kind}`].sort())
  })

  test('a hook may leave args, env and timeout out', {
    covers: ['hooks-entry-args-optional', 'hooks-entry-env-optional', 'hooks-entry-timeout-optional'],
  }, async ({ bundles, runtime, expect }) => {
    // Called by its own name and without arguments, cat reads the state and is content.
    const bundle = await bundles.busybox(
      'bare-hook',
      sleeping,
      withHook('createRuntime', { path: '/bin/cat' }),
    )
    await expect(await runtime.create(bundle)).toHaveStatus('created')
  })

  test('hooks that config.json is given after create do not run in place of those it had', {
    covers: ['lifecycle-config-updates-ignored'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, temporaryDirectory, expect } = context
    const recorder = await recorderOf(context)
    const kinds = ['startContainer', 'poststart', 'poststop'] as const
    const hooksLabelled = (label: string) =>
      recorder.with(...kinds.map((kind) => recorder.hook(kind, { label: `${label} ${kind}` })))
    const original = await bundles.busybox('original-hooks', sleeping, hooksLabelled('original'))
    const changed = await bundles.busybox('changed-hooks', sleeping, hooksLabelled('changed'))
    const bundle = await copyOf(original, await temporaryDirectory())
    const container = await runtime.create(bundle)
    await copyFile(join(changed.path, 'config.json'), join(bundle.path, 'config.json'))
    await container.start()
    await recorder.untilRan('original startContainer')
    await endOf(container)
    await container.delete()
    expect([...(await recorder.ran())].sort()).toEqual(kinds.map((kind) => `original ${kind}`).sort())
  })
})
