import { runTool, unitProperty } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed, ObservedCgroup, observeProcess } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import {
  addMount,
  combine,
  type Edit,
  withAnnotation,
  withCgroupsPath,
  withResources,
} from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { createTidily, unlessRefused } from './cgroup-remains.ts'
import { endOf, observeInit, pauseNeeds, pidOf, untilEnded } from './containers.ts'
import { sleeping } from './programs.ts'
import { changedLimits, configuredLimits, placesOf } from './systemd-limits.ts'
import {
  askingSystemd,
  readFromScope,
  scopeOf,
  sliceNamed,
  sliceWithin,
  unitsOf,
  untilForgotten,
  withSlice,
} from './systemd-units.ts'

const needs: readonly Need[] = ['systemd', 'cgroup-v2', 'runtime:systemd-cgroup']

/** Where systemd has the services of the system, and scopes of which nobody says where they are to be. */
const system = 'system.slice'

/** The name of the scope of `createIn`, as the convention `slice:prefix:name` of cgroupsPath has it. */
const scopeNamed = (name: string): string => `rw-${name}.scope`

/** A container whose configuration names its scope, and a slice unless it is empty. */
async function createIn(
  context: TestContext,
  slice: string,
  { name = 'scope', edit = combine() }: { readonly name?: string; readonly edit?: Edit } = {},
): Promise<Container> {
  const scope = context.id(name)
  const edits = combine(withCgroupsPath(`${slice}:rw:${scope}`), edit)
  return createTidily(askingSystemd(context), await context.bundles.busybox(scope, sleeping, edits))
}

/** What annotations may set, by the kind of its value; none of them is what systemd gives a scope by itself. */
const properties: Readonly<
  Record<string, { readonly property: string; readonly value: string; readonly says: string }>
> = {
  'a number': { property: 'TimeoutStopUSec', value: 'uint64 123000000', says: '2min 3s' },
  'a truth value': { property: 'SendSIGHUP', value: 'true', says: 'yes' },
  'a word': { property: 'KillMode', value: "'mixed'", says: 'mixed' },
}

/** Ways to delete a container. */
const deletions: Readonly<Record<string, (container: Container) => Promise<unknown>>> = {
  'after its program has ended': async (container) => {
    await container.start()
    await endOf(container)
    await container.delete()
  },
  'by force after its program has ended': async (container) => {
    await container.start()
    await endOf(container)
    await container.delete({ force: true })
  },
  'by force while it runs': async (container) => {
    await container.start()
    await container.delete({ force: true })
  },
  'by force before it was started': (container) => container.delete({ force: true }),
}

export const systemdCgroups = suite('systemd-cgroups', ({ test }) => {
  test('the process of a container is in the scope and the slice that its cgroupsPath names', {
    covers: ['cgroupspath-optional'],
    needs,
  }, async (context) => {
    const { id, expect } = context
    const slice = sliceNamed(id('slice'))
    await withSlice(slice, async () => {
      const container = await createIn(context, slice)
      expect(unitsOf(container)).toEqual([slice, scopeNamed(id('scope'))])
      expect(await unitProperty(scopeNamed(id('scope')), 'Slice')).toBe(slice)
      await container.remove()
    })
  })

  test('a slice with a dash in its name lies in the slice that is named before the dash', {
    covers: ['cgroupspath-created-if-missing'],
    needs,
  }, async (context) => {
    const { id, expect } = context
    const [outer, inner] = [sliceNamed(id('slice')), sliceWithin(id('slice'), 'inner')]
    await withSlice(outer, async () => {
      const container = await createIn(context, inner)
      expect(unitsOf(container)).toEqual([outer, inner, scopeNamed(id('scope'))])
      expect(await unitProperty(inner, 'Slice')).toBe(outer)
      await container.remove()
    })
  })

  test('a cgroupsPath with an empty slice means the slice of the system, or is refused', {
    covers: ['cgroupspath-relative-runtime-base', 'cgroupspath-may-be-invalid'],
    needs,
  }, async (context) => {
    const { control, id, expect } = context
    const named = await control('the slice of the system can be named', () =>
      createIn(context, system, { name: 'named' }),
    )
    expect(unitsOf(named)).toEqual([system, scopeNamed(id('named'))])
    const container = await unlessRefused(createIn(context, ''))
    if (container !== undefined) expect(unitsOf(container)).toEqual([system, scopeNamed(id('scope'))])
  })

  test('each container without a cgroupsPath has a scope of its own in the slice of the system', {
    covers: ['cgroupspath-default-free'],
    needs,
  }, async (context) => {
    const { bundles, expect } = context
    const { runtime } = askingSystemd(context)
    const bundle = await bundles.busybox('anywhere', sleeping)
    const containers = [await runtime.create(bundle), await runtime.create(bundle)]
    for (const container of containers)
      expect(unitsOf(container)).toEqual([system, expect.stringMatching(/\.scope$/)])
    expect(new Set(containers.map(scopeOf)).size).toBe(2)
  })

  test('a started container is in the scope that it was created in', {
    covers: ['cgroupspath-consistent'],
    needs,
  }, async (context) => {
    const { id, expect } = context
    const container = await createIn(context, system)
    const { cgroups } = observeInit(container)
    await container.start()
    expect(observeInit(container).cgroups).toEqual(cgroups)
    expect(scopeOf(container)).toBe(scopeNamed(id('scope')))
  })

  test('a process that is executed in a container is in its scope', {
    covers: [],
    needs: [...needs, 'runtime:exec', 'runtime:host-kernel'],
  }, async (context) => {
    const { id, expect } = context
    const container = await createIn(context, system)
    await container.start()
    const executed = await container.spawn(sleeping)
    const path = observeProcess(executed.pid ?? 0).cgroups.get('')
    expect(path?.split('/')).toContain(scopeNamed(id('scope')))
  })

  test('systemd leaves the inside of a scope to the container', { covers: [], needs }, async (context) => {
    const { id, expect } = context
    await createIn(context, system)
    expect(await unitProperty(scopeNamed(id('scope')), 'Delegate')).toBe('yes')
  })

  for (const [what, limit] of Object.entries(configuredLimits)) {
    for (const { where, read, shows } of placesOf(limit)) {
      test(`the ${what} of a container ${where}`, {
        covers: [],
        needs: [...needs, ...limit.needs],
      }, async (context) => {
        const { control, expect } = context
        const plain = await createIn(context, system, { name: 'plain' })
        await control('that of a container without it is another', async () => {
          expect((await read(plain)).join('\n')).not.toMatch(shows())
        })
        const container = await createIn(context, system, { edit: withResources(limit.resources()) })
        expect(await read(container)).toContainEqual(expect.stringMatching(shows()))
      })
    }
  }

  for (const [kind, { property, value, says }] of Object.entries(properties)) {
    test(`an annotation gives the scope the property that it names, where that is ${kind}`, {
      covers: [],
      needs,
    }, async (context) => {
      const { control, id, expect } = context
      await createIn(context, system, { name: 'plain' })
      await control('a scope without the annotation has another', async () => {
        expect(await unitProperty(scopeNamed(id('plain')), property)).not.toBe(says)
      })
      await createIn(context, system, { edit: withAnnotation(`org.systemd.property.${property}`, value) })
      expect(await unitProperty(scopeNamed(id('scope')), property)).toBe(says)
    })
  }

  for (const [what, limit] of Object.entries(changedLimits)) {
    for (const { where, read, shows } of placesOf(limit)) {
      test(`update changes the ${what} of a container, which ${where}`, {
        covers: [],
        needs: [...needs, 'runtime:update', ...limit.needs],
      }, async (context) => {
        const { control, expect } = context
        const container = await createIn(context, system)
        await container.start()
        await control('it is another before', async () => {
          expect((await read(container)).join('\n')).not.toMatch(shows())
        })
        await container.update(limit.resources())
        expect(await read(container)).toContainEqual(expect.stringMatching(shows()))
        await expect(container).toBeRunning()
      })
    }
  }

  test('a paused container is frozen until it is resumed, also when it is updated meanwhile', {
    covers: [],
    needs: [...needs, ...pauseNeeds, 'runtime:update', 'cgroup-pids'],
  }, async (context) => {
    const { control, expect } = context
    const container = await createIn(context, system)
    await container.start()
    const frozen = () => /^frozen (\d)$/m.exec(eventsOf(container))?.[1]
    await control('a running container is not frozen', async () => expect(frozen()).toBe('0'))
    await container.pause()
    expect(frozen()).toBe('1')
    await container.update({ pids: { limit: 321 } })
    expect(readFromScope(container, 'pids.max')).toContain('321')
    expect(frozen()).toBe('1')
    await container.resume()
    expect(frozen()).toBe('0')
    await expect(container).toBeRunning()
  })

  test('a container ends when systemd kills the processes of its scope', {
    covers: [],
    needs,
  }, async (context) => {
    const { id, expect } = context
    const container = await createIn(context, system)
    await container.start()
    await runTool(['systemctl', 'kill', '--signal=KILL', '--', scopeNamed(id('scope'))])
    expect(await untilEnded(container.init)).toHaveExited(137)
    await expect(container).toHaveStatus('stopped')
    await container.delete()
  })

  for (const [way, deleteIt] of Object.entries(deletions)) {
    test(`no scope is left of a container that was deleted ${way}`, {
      covers: ['delete-removes-created-resources'],
      needs,
    }, async (context) => {
      const { control, id, expect } = context
      const scope = scopeNamed(id('scope'))
      const container = await createIn(context, system)
      await control('there is something to remove', async () => {
        expect(await unitProperty(scope, 'LoadState')).toBe('loaded')
        expect(cgroupDirectoriesNamed(scope)).not.toEqual([])
      })
      await deleteIt(container)
      await untilForgotten(scope)
      expect(cgroupDirectoriesNamed(scope)).toEqual([])
    })
  }

  test('the scope of a deleted container can be had again', {
    covers: ['cgroupspath-consistent'],
    needs,
  }, async (context) => {
    const { id, expect } = context
    for (let round = 0; round < 2; round += 1) {
      const container = await createIn(context, system)
      expect(scopeOf(container)).toBe(scopeNamed(id('scope')))
      await container.start()
      await endOf(container)
      await container.delete()
    }
  })

  test('a container goes on in its slice when another of the slice is deleted', {
    covers: ['delete-keeps-foreign-resources'],
    needs,
  }, async (context) => {
    const { id, expect } = context
    const slice = sliceNamed(id('slice'))
    await withSlice(slice, async () => {
      const [first, second] = [
        await createIn(context, slice, { name: 'first' }),
        await createIn(context, slice, { name: 'second' }),
      ]
      for (const container of [first, second]) await container.start()
      await first.delete({ force: true })
      await untilForgotten(scopeNamed(id('first')))
      await expect(second).toBeRunning()
      expect(unitsOf(second)).toEqual([slice, scopeNamed(id('second'))])
      await second.remove()
    })
  })

  test('no scope is left of a container that cannot be created', {
    covers: ['errors-leave-environment-untouched'],
    needs,
  }, async (context) => {
    const { control, id, temporaryDirectory, expect } = context
    const source = await temporaryDirectory()
    const mounted = (from: string) => ({
      edit: addMount({ destination: '/mnt', type: 'bind', source: from, options: ['bind'] }),
    })
    await control('the container is created where what it mounts is there', async () => {
      const container = await createIn(context, system, { name: 'good', ...mounted(source) })
      expect(scopeOf(container)).toBe(scopeNamed(id('good')))
    })
    await expect(createIn(context, system, mounted(`${source}/missing`))).toBeRefused()
    await untilForgotten(scopeNamed(id('scope')))
    expect(cgroupDirectoriesNamed(scopeNamed(id('scope')))).toEqual([])
  })
})

/** What the kernel says of the cgroup that a container's process is in: `frozen 1` also where one around it is frozen. */
function eventsOf(container: Container): string {
  return new ObservedCgroup(pidOf(container)).read('', 'cgroup.events') ?? ''
}
