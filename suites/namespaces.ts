import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cgroupLayout,
  HeldNamespaces,
  type HeldNamespacesOptions,
  type HostNeed,
} from '../harness/host/index.ts'
import { InsideObservation, insideScript, observeProcess } from '../harness/probe/index.ts'
import {
  addNamespace,
  changing,
  combine,
  type Edit,
  joinNamespace,
  type NamespaceType,
  namespaceKinds,
  withoutNamespace,
  withoutValue,
  withUserNamespace,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { observeInit, untilPrinted } from './containers.ts'
import { shell, sleeping } from './programs.ts'

/** Ids of the container are those of the host, so that it can read the files of its bundle. */
const identityMap = [{ containerID: 0, hostID: 0, size: 65_536 }]

/** What hides or protects files takes a mount namespace, and so does a root of the container's own. */
const withoutHiddenPaths = combine(withoutValue('linux.maskedPaths'), withoutValue('linux.readonlyPaths'))

const withoutHostname = combine(withoutValue('hostname'), withoutValue('domainname'))

/** What has to go from the configuration with a namespace of this type, for it to make sense without. */
const withoutWhatItTakes: Readonly<Partial<Record<NamespaceType, Edit>>> = {
  uts: withoutHostname,
  mount: withoutHiddenPaths,
}

/** Types whose namespace a runtime can be in without seeing other processes or losing its privileges. */
const enterable: ReadonlySet<NamespaceType> = new Set(['network', 'uts', 'ipc', 'cgroup', 'time'])

/** Of two types, one that is not this. */
function otherThan(type: NamespaceType): NamespaceType {
  return type === 'uts' ? 'ipc' : 'uts'
}

function linkOf(type: NamespaceType): string {
  return namespaceKinds.find((kind) => kind.type === type)?.link ?? type
}

/** crun cannot join a namespace of time with a new pid namespace, which one test judges and others are not about. */
const withoutWhatJoiningBreaks: Readonly<Partial<Record<NamespaceType, Edit>>> = {
  time: withoutNamespace('pid'),
}

/** The namespace that this process, and so a runtime without a prefix, is in. */
function ownNamespace(link: string): string | undefined {
  return observeProcess(process.pid).namespaces.get(link)
}

/** How the namespace of a type has to be made for a runtime to be at home in it. */
const making: Readonly<Partial<Record<NamespaceType, () => HeldNamespacesOptions>>> = {
  user: () => ({ idMap: [[0, 0, 65_536]] }),
  cgroup: () => ({ prefix: atTheTop(cgroupLayout().unified) }),
}

/**
 * Words that move a process to the top of a hierarchy, where that is allowed: as the root of a cgroup namespace another
 * cgroup would be a border that the kernel lets no process cross (`nsdelegate`, cgroups(7)), the runtime's neither.
 */
function atTheTop(hierarchy: string | undefined): readonly string[] {
  if (hierarchy === undefined) return []
  return ['sh', '-c', '{ echo $$ >"$0/cgroup.procs"; } 2>/dev/null; exec "$@"', hierarchy]
}

/** A process in a new namespace of this type. */
function holderOf(type: NamespaceType): Promise<HeldNamespaces> {
  return HeldNamespaces.open([linkOf(type)], making[type]?.() ?? {})
}

/** Joins a namespace of a holder's, in a configuration that asks for nothing the namespace does not give. */
function joining(type: NamespaceType, path: string): Edit {
  const prepare = type === 'user' ? withUserNamespace(identityMap) : (withoutWhatItTakes[type] ?? combine())
  return combine(prepare, joinNamespace(type, path))
}

/** Namespaces of time came with version 1.1 of the specification: older runtimes owe nothing of this. */
function coversOf(type: NamespaceType, ...ids: readonly string[]): readonly string[] {
  return type === 'time' ? [...new Set([...ids, 'namespaces-time-supported'])] : ids
}

/** The needs of tests about one type. */
function needsOf(type: NamespaceType): readonly HostNeed[] {
  return type === 'user' ? ['user-namespace', 'other-ids'] : [`${type}-namespace`]
}

function newNamespace(type: NamespaceType): Edit {
  return type === 'user' ? withUserNamespace(identityMap) : addNamespace(type)
}

/** Adds an entry behind those there are, whatever it says and whether or not its type is listed already. */
function alsoListing(...entries: readonly object[]): Edit {
  return changing((draft) => {
    const { linux } = draft
    Object.assign(linux ?? {}, { namespaces: [...(linux?.namespaces ?? []), ...entries] })
  })
}

/** Runs a container that reports on itself, by a runtime that may be behind another prefix. */
async function reportOf(
  { bundles, runtime }: Pick<TestContext, 'bundles' | 'runtime'>,
  name: string,
  filter: Edit,
): Promise<InsideObservation> {
  const bundle = await bundles.busybox(name, shell(insideScript), filter)
  return new InsideObservation((await runtime.run(bundle)).stdout)
}

export const namespaces = suite('namespaces', ({ test }) => {
  for (const { type, link } of namespaceKinds) {
    // Of mounts this needs no test of its own: without a namespace of mounts a container has no root of its own either.
    if (type !== 'mount')
      test(`a ${type} namespace entry without a path gives the container a new ${type} namespace`, {
        covers: coversOf(type, 'namespaces-new-without-path', `namespaces-${type}-supported`),
        needs: [...needsOf(type), 'runtime:host-kernel'],
      }, async ({ observe, expect }) => {
        const inside = await observe(`new-${type}`, newNamespace(type))
        expect(inside.namespaces.get(link)).toMatch(/\[\d+\]$/)
        expect(inside.namespaces.get(link)).not.toBe(ownNamespace(link))
      })

    test(`two containers with a ${type} namespace entry do not share their ${type} namespace`, {
      covers: coversOf(type, 'namespaces-new-without-path', `namespaces-${type}-supported`),
      needs: [...needsOf(type), 'runtime:host-kernel'],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox(`own-${type}`, sleeping, newNamespace(type))
      const [first, second] = [await runtime.create(bundle), await runtime.create(bundle)].map((container) =>
        observeInit(container).namespaces.get(link),
      )
      expect(first).toBeDefined()
      expect(first).not.toBe(second)
    })

    test(`a container joins the ${type} namespace whose path is given`, {
      covers: coversOf(type, 'namespaces-path-joined', 'namespaces-path-optional'),
      needs: [...needsOf(type), 'runtime:host-kernel'],
    }, async (context) => {
      const { control, expect } = context
      await using holder = await holderOf(type)
      const held = observeProcess(holder.pid).namespaces.get(link)
      await control('the namespace to join is not that of the runtime', async () => {
        expect(held).not.toBe(ownNamespace(link))
      })
      const inside = await reportOf(context, `joined-${type}`, joining(type, holder.path(link)))
      expect(inside.namespaces.get(link)).toBe(held)
    })

    test(`create refuses the path of another namespace for a ${type} namespace`, {
      covers: coversOf(type, 'namespaces-path-wrong-type-errors'),
      needs: ['runtime:host-kernel', ...needsOf(type), ...needsOf(otherThan(type))],
    }, async ({ bundles, runtime, control, expect }) => {
      const create = async (name: string, path: string) =>
        await runtime.create(
          await bundles.busybox(
            `${name}-${type}`,
            sleeping,
            combine(joining(type, path), withoutWhatJoiningBreaks[type] ?? combine()),
          ),
        )
      await using right = await holderOf(type)
      await control('a path of the stated type is accepted', () => create('right', right.path(link)))
      const other = otherThan(type)
      await using wrong = await holderOf(other)
      await expect(create('wrong', wrong.path(linkOf(other)))).toBeRefused()
    })

    test(`create refuses two entries of the type ${type}`, {
      covers: coversOf(type, 'namespaces-duplicate-type-errors'),
      needs: needsOf(type),
    }, async ({ bundles, runtime, control, expect }) => {
      await control('one entry is accepted', async () => {
        await runtime.create(await bundles.busybox(`own-${type}`, sleeping, newNamespace(type)))
      })
      const twice = combine(newNamespace(type), alsoListing({ type }))
      await expect(runtime.create(await bundles.busybox(`twice-${type}`, sleeping, twice))).toBeRefused()
    })
  }

  for (const { type, link } of namespaceKinds.filter((kind) => kind.type !== 'mount')) {
    test(`a container without a ${type} namespace entry shares the ${type} namespace of the runtime`, {
      covers: coversOf(type, 'namespaces-unlisted-inherited'),
      needs: [...needsOf(type), 'runtime:host-kernel'],
    }, async (context) => {
      const { control, runtime, expect } = context
      const filter = combine(withoutNamespace(type), withoutWhatItTakes[type] ?? combine())
      if (!enterable.has(type)) {
        const inside = await context.observe(`unlisted-${type}`, filter)
        expect(inside.namespaces.get(link)).toBe(ownNamespace(link))
        return
      }
      await using holder = await holderOf(type)
      const held = observeProcess(holder.pid).namespaces.get(link)
      await control('the namespace of the runtime is not that of the host', async () => {
        expect(held).not.toBe(ownNamespace(link))
      })
      const entered = runtime.called({ through: holder.entering(link) })
      const inside = await reportOf({ ...context, runtime: entered }, `unlisted-${type}`, filter)
      expect(inside.namespaces.get(link)).toBe(held)
    })
  }

  test('a container without a mount namespace entry shares the mount namespace of the runtime', {
    covers: ['namespaces-unlisted-inherited'],
    needs: [...needsOf('mount'), 'runtime:host-kernel'],
  }, async (context) => {
    const { runtime, expect } = context
    // What the container mounts stays behind in the namespace of the runtime, which is therefore one of its own.
    await using holder = await HeldNamespaces.open(['mnt'], { prefix: runtime.prefix })
    const entered = runtime.behind(holder.entering('mnt'))
    const filter = combine(withoutNamespace('mount'), withoutHiddenPaths)
    const inside = await reportOf({ ...context, runtime: entered }, 'unlisted-mount', filter)
    expect(inside.namespaces.get('mnt')).toBe(observeProcess(holder.pid).namespaces.get('mnt'))
  })

  test('a process executed in a container is in all namespaces of its first process', {
    covers: [],
    needs: ['runtime:host-kernel', 'runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('executing', sleeping))
    await container.start()
    const process = await container.spawn(shell('echo ready; exec sleep 1000'))
    // Before it has become the program, an ordinary user may not look at it.
    await untilPrinted(process, 'ready\n')
    const executed = observeProcess(process.pid ?? Number.NaN).namespaces
    const init = observeInit(container).namespaces
    expect(executed.size).toBeGreaterThan(0)
    expect(executed).toEqual(init)
  })

  test('a container joins a user namespace although no mappings are given beside its path', {
    covers: ['namespaces-path-joined', 'userns-uidmappings-optional', 'userns-gidmappings-optional'],
    needs: [...needsOf('user'), 'runtime:host-kernel'],
  }, async (context) => {
    const { expect } = context
    await using holder = await holderOf('user')
    const inside = await reportOf(context, 'user-path', joinNamespace('user', holder.path('user')))
    expect(inside.namespaces.get('user')).toBe(observeProcess(holder.pid).namespaces.get('user'))
  })

  const relativePaths: Readonly<Record<string, (path: string) => string>> = {
    'relative to its working directory': (path) => path.slice(1),
    'relative to any directory': (path) => join(...Array.from({ length: 40 }, () => '..'), path),
  }
  for (const [description, fault] of Object.entries(relativePaths)) {
    test(`create refuses a namespace path that is ${description}`, {
      covers: ['namespaces-path-absolute'],
      needs: needsOf('network'),
    }, async ({ bundles, runtime, control, id, expect }) => {
      await using holder = await holderOf('network')
      const create = async (name: string, path: string) => {
        const bundle = await bundles.busybox(
          `${name}-${description.replaceAll(' ', '-')}`,
          sleeping,
          joinNamespace('network', path),
        )
        const words = ['create', '--bundle', bundle.path, id(name)]
        return await runtime.command(words, { workingDirectory: '/' })
      }
      await control('the absolute path is accepted', async () => {
        expect(await create('absolute', holder.path('net'))).toHaveExited(0)
      })
      await expect(create('relative', fault(holder.path('net')))).toBeRefused()
    })
  }

  const noNamespaces: Readonly<Record<string, (directory: string) => string>> = {
    'that does not exist': (directory) => join(directory, 'nothing'),
    'of a regular file': (directory) => join(directory, 'file'),
    'of a directory': (directory) => directory,
  }
  for (const [description, pathIn] of Object.entries(noNamespaces)) {
    test(`create refuses a namespace path ${description}`, {
      covers: ['namespaces-path-wrong-type-errors'],
      needs: needsOf('network'),
    }, async ({ bundles, runtime, control, temporaryDirectory, expect }) => {
      const directory = await temporaryDirectory()
      await writeFile(join(directory, 'file'), '')
      await using holder = await holderOf('network')
      const create = async (name: string, path: string) =>
        await runtime.create(
          await bundles.busybox(
            `${name}-${description.replaceAll(' ', '-')}`,
            sleeping,
            joinNamespace('network', path),
          ),
        )
      await control('the path of a namespace is accepted', () => create('good', holder.path('net')))
      await expect(create('bad', pathIn(directory))).toBeRefused()
    })
  }

  test('create refuses two entries of one type of which only the second has a path', {
    covers: ['namespaces-duplicate-type-errors'],
    needs: needsOf('network'),
  }, async ({ bundles, runtime, control, expect }) => {
    await using holder = await holderOf('network')
    const path = holder.path('net')
    await control('each of them alone is accepted', async () => {
      await runtime.create(await bundles.busybox('own-network', sleeping, newNamespace('network')))
      await runtime.create(await bundles.busybox('path-alone', sleeping, joinNamespace('network', path)))
    })
    const both = combine(newNamespace('network'), alsoListing({ type: 'network', path }))
    await expect(runtime.create(await bundles.busybox('path-second', sleeping, both))).toBeRefused()
  })

  const typeless: Readonly<Record<string, object>> = {
    'without a type': {},
    'with an empty type': { type: '' },
    'of a type that does not exist': { type: 'nosuchtype' },
  }
  for (const [description, entry] of Object.entries(typeless)) {
    test(`create refuses a namespace entry ${description}`, {
      covers: ['namespaces-type-required'],
    }, async ({ bundles, runtime, control, expect }) => {
      await control('the configuration without the entry is accepted', async () =>
        runtime.create(await bundles.busybox('sleeping', sleeping)),
      )
      const name = `entry-${description.replaceAll(' ', '-')}`
      await expect(runtime.create(await bundles.busybox(name, sleeping, alsoListing(entry)))).toBeRefused()
    })
  }

  test('the first process of a container with a pid namespace has pid 1', {
    covers: ['namespaces-pid-supported'],
    needs: needsOf('pid'),
  }, async ({ observe, expect }) => {
    const inside = await observe('new-pid', newNamespace('pid'))
    expect(inside.statusField('Pid')).toBe('1')
  })

  test('a container with a network namespace sees no interface but the loopback', {
    covers: ['namespaces-network-supported'],
    needs: [...needsOf('network'), 'runtime:host-kernel'],
  }, async (context) => {
    const { control, runtime, expect } = context
    await using holder = await HeldNamespaces.open(['net'], {
      script: 'ip link add strange type veth peer name other',
    })
    const entered = runtime.called({ through: holder.entering('net') })
    await control('the runtime sees more than that', async () => {
      const shared = await reportOf({ ...context, runtime: entered }, 'strange', withoutNamespace('network'))
      expect(shared.interfaces).toContain('strange')
    })
    const inside = await reportOf({ ...context, runtime: entered }, 'loopback', newNamespace('network'))
    expect(inside.interfaces).toEqual(['lo'])
  })
})
