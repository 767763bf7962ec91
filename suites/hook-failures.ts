import { readdir } from 'node:fs/promises'
import { atThisPace, identifyProcess, isProcessAlive, readMounts } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import { combine, hookKinds, withValue } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, startAndEnd, untilEnded } from './containers.ts'
import { createKinds, createRaw, idOf, memberOf, needsOf, recorderOf } from './hook-containers.ts'
import { sleeping } from './programs.ts'

/** Leads to the shell from wherever it is followed, and yet is not absolute. */
const relativeShell = `${'../'.repeat(40)}bin/sh`

/** Shell text that takes this long, in tenths of a second; killed, it leaves nothing behind for longer than one. */
function lasting(tenths: number): string {
  return `n=0; while [ $n -lt ${tenths} ]; do sleep 0.1; n=$((n+1)); done`
}

/** The time a hook has, in seconds, that takes eight times as long: enough to begin in. */
const shortSeconds = Math.ceil(atThisPace(1))
const tooLong = lasting(80 * shortSeconds)

/** Ways in which a hook can fail. */
const failures: Readonly<Record<string, string>> = {
  'ends with exit code 1': 'exit 1',
  'ends with exit code 255': 'exit 255',
  'is killed by a signal': 'kill -KILL $$',
}

/** Lets the program of a container run, and ends it. */
async function stopped(container: Container): Promise<Container> {
  await startAndEnd(container)
  return container
}

/** Whether this is a process that runs; a zombie is none. */
function isRunning(pid: number): boolean {
  const identity = identifyProcess(pid)
  return identity !== undefined && isProcessAlive(identity)
}

export const hookFailures = suite('hook-failures', ({ test }) => {
  // What is refused.

  for (const kind of hookKinds) {
    test(`create refuses a ${kind} hook whose path is not absolute`, {
      covers: ['hooks-entry-path-absolute'],
    }, async (context) => {
      const { bundles, runtime, control, id, expect } = context
      const recorder = await recorderOf(context)
      await control('the same hook with its absolute path is accepted', async () =>
        runtime.create(
          await bundles.busybox(
            `absolute-${kind}`,
            sleeping,
            recorder.with(recorder.hook(kind, { label: 'control' })),
          ),
          { id: id('absolute') },
        ),
      )
      const bundle = await bundles.busybox(
        `relative-${kind}`,
        sleeping,
        recorder.with(recorder.hook(kind, { path: relativeShell, label: 'relative' })),
      )
      await expect(createRaw(runtime, bundle, id('relative'))).toBeRefused()
      expect(await recorder.ran()).not.toContain('relative')
    })

    test(`create refuses a ${kind} hook without a path`, {
      covers: ['hooks-entry-path-required'],
    }, async (context) => {
      const { bundles, runtime, control, id, expect } = context
      const recorder = await recorderOf(context)
      const edit = recorder.with(recorder.hook(kind))
      await control('the same hook with a path is accepted', async () =>
        runtime.create(await bundles.busybox(`with-path-${kind}`, sleeping, edit), { id: id('with') }),
      )
      const bundle = await bundles.busybox(
        `without-path-${kind}`,
        sleeping,
        combine(edit, withValue(`hooks.${kind}[0]`, { args: ['sh', '-c', 'exit 0'] })),
      )
      await expect(createRaw(runtime, bundle, id('without'))).toBeRefused()
    })
  }

  for (const kind of ['createRuntime', 'poststop'] as const) {
    for (const timeout of [0, -1]) {
      test(`create refuses a ${kind} hook with a timeout of ${timeout < 0 ? 'minus one' : 'zero'} seconds`, {
        covers: ['hooks-entry-timeout-positive'],
      }, async (context) => {
        const { bundles, runtime, control, id, expect } = context
        const recorder = await recorderOf(context)
        const edit = recorder.with(recorder.hook(kind, { timeout: 10 }))
        const name = `timeout-${kind}-${timeout}`
        await control('the same hook with a timeout of ten seconds is accepted', async () =>
          runtime.create(await bundles.busybox(`${name}-control`, sleeping, edit), { id: id('good') }),
        )
        const bundle = await bundles.busybox(
          name,
          sleeping,
          combine(edit, withValue(`hooks.${kind}[0].timeout`, timeout)),
        )
        await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
      })
    }
  }

  test('create refuses a createRuntime hook whose program does not exist', {
    covers: ['lifecycle-createruntime-failure'],
  }, async (context) => {
    const { bundles, runtime, control, id, expect } = context
    const recorder = await recorderOf(context)
    await control('a hook whose program exists is accepted', async () =>
      runtime.create(
        await bundles.busybox('program-exists', sleeping, recorder.with(recorder.hook('createRuntime'))),
        { id: id('good') },
      ),
    )
    const bundle = await bundles.busybox(
      'no-program',
      sleeping,
      recorder.with(recorder.hook('createRuntime', { path: '/no/such/program' })),
    )
    await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
    await expect(runtime.state(id('bad'))).toBeRefused()
  })

  // What follows from a failure.

  for (const kind of createKinds) {
    for (const [description, after] of Object.entries(failures)) {
      test(`create fails when a ${kind} hook ${description}, and no later hook runs`, {
        covers: [`lifecycle-${idOf(kind)}-failure`, 'hooks-run-in-listed-order'],
        needs: needsOf(kind),
      }, async (context) => {
        const { bundles, runtime, control, id, expect } = context
        const recorder = await recorderOf(context)
        const name = `${kind}-${description.replaceAll(' ', '-')}`
        await control('a hook that ends with exit code 0 is no reason to fail', async () =>
          runtime.create(
            await bundles.busybox(
              `${name}-control`,
              sleeping,
              recorder.with(recorder.hook(kind, { label: 'control', after: 'exit 0' })),
            ),
            { id: id('good') },
          ),
        )
        const later = createKinds.slice(createKinds.indexOf(kind) + 1).map((each) => recorder.hook(each))
        const bundle = await bundles.busybox(
          name,
          sleeping,
          recorder.with(
            recorder.hook(kind, { label: 'first' }),
            recorder.hook(kind, { label: 'second', after }),
            recorder.hook(kind, { label: 'third' }),
            ...later,
          ),
        )
        await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
        expect(await recorder.ran()).toEqual(['control', 'first', 'second'])
      })
    }

    test(`nothing is left of a container whose ${kind} hook failed`, {
      covers: [`lifecycle-${idOf(kind)}-failure`, 'errors-leave-environment-untouched'],
      needs: [...needsOf(kind), 'cgroup'],
    }, async (context) => {
      const { bundles, runtime, control, id, expect } = context
      const recorder = await recorderOf(context)
      const plain = await bundles.busybox('sleeping', sleeping)
      const bundle = await bundles.busybox(
        `nothing-left-${kind}`,
        sleeping,
        recorder.with(
          recorder.hook('prestart', { label: 'witness' }),
          recorder.hook(kind, { label: 'failing', after: 'exit 1' }),
        ),
      )
      await control('a container without the hook has a cgroup that is named after it', async () => {
        await runtime.create(plain, { id: id('good') })
        expect(cgroupDirectoriesNamed(id('good'))).not.toEqual([])
      })
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
      expect(await readdir(runtime.root)).not.toContain(id('bad'))
      expect(cgroupDirectoriesNamed(id('bad'))).toEqual([])
      expect(readMounts().filter(({ mountPoint }) => mountPoint.startsWith(bundle.path))).toEqual([])
      expect(await recorder.ran()).toEqual(['witness', 'failing'])
      const pid = memberOf((await recorder.report('witness')).state, 'pid')
      expect(pid, 'the pid in the state').toBeTypeOf('number')
      expect(isRunning(Number(pid)), `process ${pid} of the container`).toBe(false)
      await runtime.create(plain, { id: id('bad') })
    })

    test(`after a ${kind} hook failed, the poststop hooks run`, {
      covers: [`lifecycle-${idOf(kind)}-failure`],
      needs: needsOf(kind),
    }, async (context) => {
      const { bundles, runtime, id, expect } = context
      const recorder = await recorderOf(context)
      const bundle = await bundles.busybox(
        `poststop-after-${kind}`,
        sleeping,
        recorder.with(recorder.hook(kind, { after: 'exit 1' }), recorder.hook('poststop')),
      )
      await expect(createRaw(runtime, bundle, id())).toBeRefused()
      expect(await recorder.ran()).toEqual([kind, 'poststop'])
    })
  }

  test('start fails when a startContainer hook fails', {
    covers: ['lifecycle-startcontainer-failure'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const recorder = await recorderOf(context)
    await control('a hook that ends with exit code 0 is no reason to fail', async () => {
      const good = await runtime.create(
        await bundles.busybox(
          'startContainer-succeeds',
          sleeping,
          recorder.with(recorder.hook('startContainer')),
        ),
      )
      await good.start()
    })
    const container = await runtime.create(
      await bundles.busybox(
        'startContainer-fails',
        sleeping,
        recorder.with(recorder.hook('startContainer', { after: 'exit 1' })),
      ),
    )
    await expect(container.start()).toBeRefused()
  })

  test('the program does not run when a startContainer hook failed, nor does a later hook', {
    covers: ['lifecycle-startcontainer-failure'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const recorder = await recorderOf(context)
    await control('the program runs when the hook ends with exit code 0', async () => {
      const good = await runtime.create(
        await bundles.busybox(
          'no-program-control',
          recorder.program,
          recorder.with(recorder.hook('startContainer', { label: 'control' })),
        ),
      )
      await good.start()
      await recorder.untilRan('program')
    })
    const container = await runtime.create(
      await bundles.busybox(
        'no-program-after-failure',
        recorder.program,
        recorder.with(
          recorder.hook('startContainer', { label: 'failing', after: 'exit 1' }),
          recorder.hook('startContainer', { label: 'later' }),
        ),
      ),
    )
    await runtime.command(['start', container.id])
    await untilEnded(container)
    expect(await recorder.ran()).toEqual(['control', 'program', 'failing'])
  })

  test('a container whose startContainer hook failed is destroyed, and its poststop hooks run', {
    covers: ['lifecycle-startcontainer-failure'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const container = await runtime.create(
      await bundles.busybox(
        'destroyed-after-startContainer',
        sleeping,
        recorder.with(recorder.hook('startContainer', { after: 'exit 1' }), recorder.hook('poststop')),
      ),
    )
    await runtime.command(['start', container.id])
    await container.wait()
    expect(await recorder.ran()).toEqual(['startContainer', 'poststop'])
    await expect(runtime.state(container.id)).toBeRefused()
  })

  test('start fails when a poststart hook fails, and no later hook runs', {
    covers: ['lifecycle-poststart-failure'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const recorder = await recorderOf(context)
    await control('a hook that ends with exit code 0 is no reason to fail', async () => {
      const good = await runtime.create(
        await bundles.busybox(
          'poststart-succeeds',
          sleeping,
          recorder.with(recorder.hook('poststart', { label: 'control' })),
        ),
      )
      await good.start()
    })
    const container = await runtime.create(
      await bundles.busybox(
        'poststart-fails',
        sleeping,
        recorder.with(
          recorder.hook('poststart', { label: 'failing', after: 'exit 1' }),
          recorder.hook('poststart', { label: 'later' }),
        ),
      ),
    )
    await expect(container.start()).toBeRefused()
    expect(await recorder.ran()).toEqual(['control', 'failing'])
  })

  test('a container whose poststart hook failed is stopped and destroyed, and its poststop hooks run', {
    covers: ['lifecycle-poststart-failure'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const container = await runtime.create(
      await bundles.busybox(
        'destroyed-after-poststart',
        sleeping,
        recorder.with(recorder.hook('poststart', { after: 'exit 1' }), recorder.hook('poststop')),
      ),
    )
    await runtime.command(['start', container.id])
    expect(await recorder.ran()).toEqual(['poststart', 'poststop'])
    expect(container.init.isAlive()).toBe(false)
    await expect(runtime.state(container.id)).toBeRefused()
  })

  test('the next poststop hook runs although one has failed', {
    covers: ['lifecycle-poststop-failure-warns-continues', 'warnings-do-not-change-flow'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'poststop-goes-on',
      sleeping,
      recorder.with(
        recorder.hook('poststop', { label: 'failing', after: 'exit 1' }),
        recorder.hook('poststop', { label: 'next' }),
      ),
    )
    const { id } = await stopped(await runtime.create(bundle))
    await runtime.command(['delete', id])
    expect(await recorder.ran()).toEqual(['failing', 'next'])
  })

  test('delete succeeds although a poststop hook fails', {
    covers: ['lifecycle-poststop-failure-warns-continues', 'warnings-do-not-change-flow'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'poststop-fails',
      sleeping,
      recorder.with(recorder.hook('poststop', { after: 'exit 1' })),
    )
    const { id } = await stopped(await runtime.create(bundle))
    const deleted = await runtime.command(['delete', id])
    expect(await recorder.ran()).toEqual(['poststop'])
    expect(deleted).toHaveExited(0)
    await expect(runtime.state(id)).toBeRefused()
  })

  test('the id of a container whose poststop hook failed can be used again', {
    covers: ['lifecycle-poststop-failure-warns-continues', 'delete-id-reusable'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const bundle = await bundles.busybox(
      'poststop-id',
      sleeping,
      recorder.with(recorder.hook('poststop', { after: 'exit 1' })),
    )
    const { id } = await stopped(await runtime.create(bundle))
    await runtime.command(['delete', id])
    expect(await recorder.ran()).toEqual(['poststop'])
    expect(cgroupDirectoriesNamed(id)).toEqual([])
    const again = await createRaw(runtime, await bundles.busybox('sleeping', sleeping), id)
    expect(again).toHaveExited(0)
  })

  // How long they may take.

  for (const kind of createKinds) {
    test(`a ${kind} hook that takes longer than its timeout is ended and makes create fail`, {
      covers: ['hooks-entry-timeout-optional', `lifecycle-${idOf(kind)}-failure`],
      needs: needsOf(kind),
    }, async (context) => {
      const { bundles, runtime, control, id, expect } = context
      const recorder = await recorderOf(context)
      await control('the same hook is accepted when it takes less', async () =>
        runtime.create(
          await bundles.busybox(
            `in-time-${kind}`,
            sleeping,
            recorder.with(
              recorder.hook(kind, { label: 'control', timeout: 5 * shortSeconds, before: lasting(2) }),
            ),
          ),
          { id: id('good') },
        ),
      )
      const bundle = await bundles.busybox(
        `timeout-${kind}`,
        sleeping,
        recorder.with(recorder.hook(kind, { timeout: shortSeconds, before: tooLong })),
      )
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
      expect(await recorder.ran()).toEqual(['control'])
    })
  }

  test('a startContainer hook that takes longer than its timeout is ended and the program does not run', {
    covers: ['hooks-entry-timeout-optional', 'lifecycle-startcontainer-failure'],
    needs: ['runtime:container-hooks'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const recorder = await recorderOf(context)
    const container = await runtime.create(
      await bundles.busybox(
        'timeout-startContainer',
        recorder.program,
        recorder.with(recorder.hook('startContainer', { timeout: shortSeconds, before: tooLong })),
      ),
    )
    await runtime.command(['start', container.id])
    await container.wait()
    expect(await recorder.ran()).toEqual([])
  })

  for (const kind of ['poststart', 'poststop'] as const) {
    test(`a ${kind} hook that takes longer than its timeout is ended`, {
      covers: ['hooks-entry-timeout-optional'],
    }, async (context) => {
      const { bundles, runtime, control, id, expect } = context
      const recorder = await recorderOf(context)
      await control('the same hook runs to its end when it takes less', async () => {
        const bundle = await bundles.busybox(
          `in-time-${kind}`,
          sleeping,
          recorder.with(
            recorder.hook(kind, { label: 'control', timeout: 5 * shortSeconds, before: lasting(2) }),
          ),
        )
        const container = await runtime.create(bundle)
        await container.start()
        await endOf(container)
        await container.delete()
        expect(await recorder.ran()).toEqual(['control'])
      })
      const bundle = await bundles.busybox(
        `timeout-${kind}`,
        sleeping,
        recorder.with(
          recorder.hook(kind, { timeout: shortSeconds, before: `: > "$record.begun"; ${tooLong}` }),
        ),
      )
      await createRaw(runtime, bundle, id('late'))
      await runtime.command(['start', id('late')])
      await runtime.command(['delete', '--force', id('late')])
      expect(await readdir(recorder.directory)).toContain(`${kind}.begun`)
      expect(await recorder.ran()).toEqual(['control'])
    })
  }
})
