import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cgroupLayout, until } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed, ObservedCgroup, observeProcess } from '../harness/probe/index.ts'
import { type Container, Runtime, RuntimeError, shellQuote } from '../harness/runtime/index.ts'
import {
  addMount,
  addNamespace,
  addTmpfs,
  combine,
  type Edit,
  withCgroupsPath,
  withoutMount,
  withoutNamespace,
  withResources,
  withUserNamespace,
} from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { createTidily, removeCgroupsNamed, unlessRefused } from './cgroup-remains.ts'
import { endOf, observeInit, patienceMs, pidOf } from './containers.ts'
import { limitOf } from './limits.ts'
import { mebibyte, shell, sleeping } from './programs.ts'

/** The controllers that every container of these tests has a limit of, so that it must be in a cgroup of each. */
const controllers = ['memory', 'cpu', 'pids'] as const

const needs: readonly Need[] = ['cgroup-memory', 'cgroup-cpu', 'cgroup-pids']

/** An absolute path begins at the top of the hierarchy. */
const needsOfAbsolutePath: readonly Need[] = [...needs, 'cgroup-at-the-top']

const limits = withResources({
  memory: { limit: 48 * mebibyte },
  cpu: { shares: 512 },
  pids: { limit: 123 },
})

/** The paths of a container's cgroups, by controller. */
function pathsOf(container: Container): readonly string[] {
  const cgroup = new ObservedCgroup(pidOf(container))
  return controllers.map((controller) => cgroup.path(controller))
}

/** A sleeping container whose cgroup is named by a path of its configuration, or else by the runtime. */
async function createAt(context: TestContext, cgroupsPath: string | undefined) {
  const { bundles, id } = context
  const name = cgroupsPath === undefined ? 'anywhere' : id('at')
  const path = cgroupsPath === undefined ? [] : [withCgroupsPath(cgroupsPath)]
  // Two bundles of one name are one bundle: a path belongs to one test only, and so does its name.
  return createTidily(context, await bundles.busybox(name, sleeping, combine(limits, ...path)))
}

async function endAndDelete(container: Container): Promise<void> {
  if ((await container.state()).status === 'created') await container.start()
  await endOf(container)
  await container.delete()
}

/** Runs a body, after which every cgroup with this name is to go, with whatever the runtime has put below it. */
async function withCgroups<T>(name: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } finally {
    await removeCgroupsNamed(name)
  }
}

/** Makes a cgroup below the root of a controller's hierarchy. */
function makeCgroup(controller: string, name: string): string {
  const { kind, controllers: mounted, unified } = cgroupLayout()
  const path = join((kind === 'v2' ? unified : mounted.get(controller)) ?? '', name)
  mkdirSync(path)
  return path
}

/** Names that the kernel takes for no cgroup, each beside one that it takes. */
const impossibleNames: Readonly<Record<string, { readonly bad: string; readonly good: string }>> = {
  'that is longer than any path': { bad: 'x'.repeat(5_000), good: 'x'.repeat(50) },
  'with a line feed': { bad: 'a\nb', good: 'a-b' },
}

/** Where a name would lie in the directories above the cgroup hierarchies of this host. */
function placesAbove(name: string): readonly string[] {
  const { controllers: mounted, unified } = cgroupLayout()
  const hierarchies = [...mounted.values(), ...(unified === undefined ? [] : [unified])]
  const above = hierarchies.flatMap((path) => ancestorsOf(path))
  return [...new Set(above)].filter((path) => !hierarchies.includes(path)).map((path) => join(path, name))
}

function ancestorsOf(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...ancestorsOf(parent)]
}

/** What a cgroup may hold that makes it unfit, put there before the container is created. */
const unfit: Readonly<
  Record<
    string,
    {
      readonly controller: string
      readonly needs: readonly Need[]
      readonly spoil: (path: string, stranger: ChildProcess) => void
    }
  >
> = {
  'that is frozen': {
    controller: 'freezer',
    needs: ['cgroup-freezer'],
    spoil: (path) => freeze(path, true),
  },
  'that holds a process of somebody else': {
    controller: 'pids',
    needs: ['cgroup-pids'],
    spoil: (path, { pid }) => writeFileSync(join(path, 'cgroup.procs'), String(pid)),
  },
}

function freeze(path: string, frozen: boolean): void {
  const v1 = join(path, 'freezer.state')
  if (existsSync(v1)) writeFileSync(v1, frozen ? 'FROZEN' : 'THAWED')
  else if (existsSync(join(path, 'cgroup.freeze')))
    writeFileSync(join(path, 'cgroup.freeze'), frozen ? '1' : '0')
}

/** The host's id of the user who is root in a container with a user namespace. */
const containerRoot = 100_000

const delegationNeeds: readonly Need[] = [
  'cgroup-v2',
  'user-namespace',
  'passable-bundles',
  'cgroup-namespace',
  ...needs,
]

/** What a container may lack so that its cgroup is not handed over to its user. */
const undelegated: Readonly<Record<string, Edit>> = {
  'that may only read its cgroup mount': (spec) => delegated('ro')(spec),
  'without a cgroup mount': (spec) => combine(delegated('rw'), withoutMount('/sys/fs/cgroup'))(spec),
  'without a cgroup namespace of its own': (spec) =>
    combine(delegated('rw'), withoutNamespace('cgroup'))(spec),
}

/** What the kernel may say of delegation, and the files that are then handed over. */
const delegateLists: Readonly<
  Record<
    string,
    {
      readonly list: readonly string[] | undefined
      readonly expected: readonly string[]
      readonly covers: string
    }
  >
> = {
  'a delegated file that the cgroup does not have is no reason to fail': {
    list: ['cgroup.procs', 'no.such.file', 'cgroup.threads'],
    expected: ['cgroup.procs', 'cgroup.threads'],
    covers: 'cgroup-ownership-missing-file-no-failure',
  },
  'three files are handed over where the kernel does not name the delegated ones': {
    list: undefined,
    expected: ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'],
    covers: 'cgroup-ownership-fallback-list',
  },
}

export const cgroups = suite('cgroups', ({ test }) => {
  test('containers without a cgroupsPath have cgroups of their own', {
    covers: ['cgroupspath-optional', 'cgroupspath-default-free'],
    needs,
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const bundle = await bundles.busybox('anywhere', sleeping, limits)
    const [first, second] = [await runtime.create(bundle), await runtime.create(bundle)]
    const own = new ObservedCgroup(process.pid)
    for (const [index, controller] of controllers.entries()) {
      const paths = [pathsOf(first)[index], pathsOf(second)[index], own.path(controller)]
      expect(new Set(paths).size, `different cgroups of ${controller}`).toBe(3)
    }
  })

  test('an absolute cgroupsPath is the path below the cgroup mount point', {
    covers: ['cgroupspath-absolute-from-mount', 'cgroupspath-absolute-or-relative'],
    needs: needsOfAbsolutePath,
  }, async (context) => {
    const { id, expect } = context
    const path = `/${id('absolute')}`
    const container = await createAt(context, path)
    expect(pathsOf(container)).toEqual(controllers.map(() => path))
  })

  test('a relative cgroupsPath ends the path of the cgroup', {
    covers: ['cgroupspath-relative-runtime-base', 'cgroupspath-absolute-or-relative'],
    needs,
  }, async (context) => {
    const { id, expect } = context
    const path = id('relative')
    const container = await createAt(context, path)
    for (const found of pathsOf(container)) expect(found.endsWith(`/${path}`), found).toBe(true)
  })

  for (const [kind, slash] of [
    ['absolute', '/'],
    ['relative', ''],
  ] as const) {
    test(`the same ${kind} cgroupsPath means the same cgroup each time`, {
      covers: ['cgroupspath-consistent'],
      needs: kind === 'absolute' ? needsOfAbsolutePath : needs,
    }, async (context) => {
      const { bundles, id, runtime, expect } = context
      const edits = combine(limits, withCgroupsPath(`${slash}${id('same')}`))
      const bundle = await bundles.busybox(id('same'), sleeping, edits)
      const first = await runtime.create(bundle, { id: id('first') })
      const before = pathsOf(first)
      await endAndDelete(first)
      const second = await runtime.create(bundle, { id: id('second') })
      expect(pathsOf(second)).toEqual(before)
      expect(before.join()).toContain(id('same'))
    })
  }

  test('cgroups that are missing on the way of a cgroupsPath are made', {
    covers: ['cgroupspath-created-if-missing'],
    needs: needsOfAbsolutePath,
  }, async (context) => {
    const { id, expect } = context
    await withCgroups(id('deep'), async () => {
      const path = `/${id('deep')}/one/two/three`
      const container = await createAt(context, path)
      expect(pathsOf(container)).toEqual(controllers.map(() => path))
      expect(limitOf(container, 'tasks')).toBe('123')
      await endAndDelete(container)
    })
  })

  test('a container is put into the cgroup of its cgroupsPath when that exists already', {
    covers: ['cgroupspath-absolute-from-mount', 'cgroupspath-consistent'],
    needs: needsOfAbsolutePath,
  }, async (context) => {
    const { id, expect } = context
    await withCgroups(id('made'), async () => {
      const directory = makeCgroup('pids', id('made'))
      const { ino } = statSync(directory)
      const container = await createAt(context, `/${id('made')}`)
      expect(new ObservedCgroup(pidOf(container)).directory('pids')).toBe(directory)
      expect(statSync(directory).ino).toBe(ino)
      await container.remove()
    })
  })

  test('delete keeps a cgroup that was there before the container', {
    covers: ['delete-keeps-foreign-resources'],
    needs: needsOfAbsolutePath,
  }, async (context) => {
    const { id, expect } = context
    await withCgroups(id('kept'), async () => {
      const directory = makeCgroup('pids', id('kept'))
      const container = await createAt(context, `/${id('kept')}`)
      await endAndDelete(container)
      expect(existsSync(directory), 'the cgroup is still there').toBe(true)
    })
  })

  test('delete removes the cgroup that create made for a cgroupsPath', {
    covers: ['delete-removes-created-resources', 'lifecycle-destroy-undoes-create'],
    needs: needsOfAbsolutePath,
  }, async (context) => {
    const { id, control, expect } = context
    await withCgroups(id('gone'), async () => {
      const container = await createAt(context, `/${id('gone')}`)
      await control('there is something to remove', async () => {
        expect(cgroupDirectoriesNamed(id('gone'))).not.toEqual([])
      })
      await endAndDelete(container)
      expect(cgroupDirectoriesNamed(id('gone'))).toEqual([])
    })
  })

  for (const [description, { bad, good }] of Object.entries(impossibleNames)) {
    test(`a cgroupsPath ${description} is refused`, {
      covers: ['cgroupspath-invalid-errors', 'cgroupspath-may-be-invalid'],
      needs: needsOfAbsolutePath,
    }, async (context) => {
      const { bundles, control, id, expect } = context
      const created = async (kind: string, name: string) => {
        const edits = combine(limits, withCgroupsPath(`/${id('path')}/${name}`))
        return createTidily(context, await bundles.busybox(id(kind), sleeping, edits))
      }
      await withCgroups(id('path'), async () => {
        await control('a name that the kernel takes is accepted', async () =>
          endAndDelete(await created('good', good)),
        )
        // One that is accepted has to go before its cgroup can.
        await expect(created('bad', bad).then(endAndDelete)).toBeRefused()
      })
    })
  }

  for (const steps of [1, 2, 7]) {
    const up = '/..'.repeat(steps)
    test(`a cgroupsPath that climbs ${steps === 1 ? 'a step' : `${steps} steps`} up leads out of no cgroup hierarchy`, {
      covers: ['cgroupspath-invalid-errors', 'cgroupspath-absolute-from-mount'],
      needs: needsOfAbsolutePath,
    }, async (context) => {
      const { bundles, control, id, expect } = context
      const name = id('climbing')
      await withCgroups(name, async () => {
        await control('the path without the steps is accepted', async () => {
          const edits = combine(limits, withCgroupsPath(`/${name}`))
          await endAndDelete(await createTidily(context, await bundles.busybox(name, sleeping, edits)))
        })
        const container = await unlessRefused(createAt(context, `${up}/${name}`))
        const outside = placesAbove(name).filter((path) => existsSync(path))
        for (const path of outside) rmSync(path, { recursive: true })
        expect(outside, 'what the runtime has made outside').toEqual([])
        if (container === undefined) return
        for (const path of pathsOf(container)) expect(path).toContain(name)
        await container.remove()
      })
    })
  }

  test('create with a limit that the kernel refuses leaves no cgroup behind', {
    covers: ['errors-leave-environment-untouched', 'create-unappliable-property-no-container'],
    needs: ['cgroup-cpuset', ...needs],
  }, async (context) => {
    const { bundles, runtime, control, id, expect } = context
    const limited = async (cpus: string) =>
      bundles.busybox(`cpus-${cpus}`, sleeping, combine(limits, withResources({ cpu: { cpus } })))
    await control('a limit that the kernel takes is accepted', async () => runtime.create(await limited('0')))
    const bundle = await limited('1000000')
    await withCgroups(id('refused'), async () => {
      await expect(runtime.create(bundle, { id: id('refused') })).toBeRefused()
      expect(cgroupDirectoriesNamed(id('refused'))).toEqual([])
    })
  })

  test('each of two containers has its own limits', {
    covers: ['memory-limit-optional', 'pids-optional'],
    needs,
  }, async (context) => {
    const { bundles, expect } = context
    const first = await createAt(context, undefined)
    const others = withResources({ memory: { limit: 96 * mebibyte }, pids: { limit: 321 } })
    const second = await createTidily(context, await bundles.busybox('other-limits', sleeping, others))
    expect([limitOf(first, 'memory limit'), limitOf(first, 'tasks')]).toEqual([`${48 * mebibyte}`, '123'])
    expect([limitOf(second, 'memory limit'), limitOf(second, 'tasks')]).toEqual([`${96 * mebibyte}`, '321'])
    await endAndDelete(first)
    expect([limitOf(second, 'memory limit'), limitOf(second, 'tasks')]).toEqual([`${96 * mebibyte}`, '321'])
  })

  test('the limits that create has set are the same after start', {
    covers: ['memory-limit-optional', 'cpu-shares-optional', 'pids-optional'],
    needs,
  }, async (context) => {
    const { expect } = context
    const container = await createAt(context, undefined)
    const paths = pathsOf(container)
    await container.start()
    expect(pathsOf(container)).toEqual(paths)
    expect([limitOf(container, 'memory limit'), limitOf(container, 'tasks')]).toEqual([
      `${48 * mebibyte}`,
      '123',
    ])
  })

  for (const [way, process] of Object.entries({
    'by its command line': sleeping,
    'by a process file': { args: [...sleeping], cwd: '/', user: { uid: 0, gid: 0 }, env: ['PATH=/bin'] },
  })) {
    test(`a process that is executed ${way} is in all cgroups of the container`, {
      covers: [],
      needs: ['runtime:host-kernel', ...needsOfAbsolutePath, 'runtime:exec'],
    }, async (context) => {
      const { id, expect } = context
      const container = await createAt(context, `/${id('joined')}`)
      await container.start()
      const executed = await container.spawn(process)
      expect(observeProcess(executed.pid ?? 0).cgroups).toEqual(observeInit(container).cgroups)
    })
  }

  test('what the program of a container starts stays in its cgroups and ends with them', {
    covers: [],
    needs: [...needs, 'runtime:host-kernel'],
  }, async (context) => {
    const { bundles, expect } = context
    const bundle = await bundles.busybox('family', shell('sleep 1000 & sleep 1000 & wait'), limits)
    const container = await createTidily(context, bundle)
    await container.start()
    const inside = () => new ObservedCgroup(pidOf(container)).read('pids', 'cgroup.procs')?.split('\n') ?? []
    await until(() => inside().length === 3, {
      timeoutMs: patienceMs,
      what: 'the program and its two children to be in the cgroup',
    })
    expect(inside()).toContain(String(pidOf(container)))
  })

  for (const [description, { controller, needs: more, spoil }] of Object.entries(unfit)) {
    test(`create in a cgroup ${description} succeeds or is refused, and does not hang`, {
      covers: ['cgroup-fitness-failure-errors', 'cgroup-fitness-may-check'],
      needs: [...needs, ...more],
    }, async (context) => {
      const { bundles, control, id, expect } = context
      await control('a container is created in a cgroup that is fit', async () => {
        const edits = combine(limits, withCgroupsPath(`/${id('fit')}`))
        await createTidily(context, await bundles.busybox(id('fit'), sleeping, edits))
      })
      const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' })
      const path = makeCgroup(controller, id('unfit'))
      let end: string | undefined
      spoil(path, stranger)
      const creating = createAt(context, `/${id('unfit')}`).then(
        () => {
          end = 'created'
        },
        (error: unknown) => {
          end = error instanceof RuntimeError ? error.code : String(error)
        },
      )
      try {
        await until(() => end !== undefined, { timeoutMs: patienceMs, what: 'create to end' })
        expect(['created', 'RUNTIME_EXITED']).toContain(end)
        expect(stranger.exitCode ?? stranger.signalCode, 'the end of the other process').toBeNull()
      } finally {
        freeze(path, false)
        stranger.kill('SIGKILL')
        await creating
        await context.runtime.remove(id(`cgroups-${id('at')}`))
        await removeCgroupsNamed(id('unfit'))
      }
    })
  }

  test('on cgroup v1 the cgroups of a container stay with their owner', {
    covers: ['cgroup-ownership-not-on-v1'],
    needs: ['cgroup-v1', 'user-namespace', 'cgroup-namespace', ...needs],
  }, async (context) => {
    const { bundles, expect } = context
    const edits = combine(limits, delegated('rw'))
    const container = await createTidily(context, await bundles.busybox('delegated', sleeping, edits))
    expect(observeInit(container).namespaces.get('user')).not.toBe(
      observeProcess(process.pid).namespaces.get('user'),
    )
    const cgroup = new ObservedCgroup(pidOf(container))
    expect(controllers.map((controller) => statSync(cgroup.directory(controller)).uid)).toEqual([0, 0, 0])
  })

  test('on cgroup v2 a container that may write to its cgroup mount owns its cgroup and the delegated files', {
    covers: [
      'cgroup-ownership-may-change',
      'cgroup-ownership-iff-rw-mount',
      'cgroup-ownership-only-delegate-files',
      'cgroup-ownership-existing-files-changed',
      'cgroup-ownership-no-other-files',
    ],
    needs: delegationNeeds,
  }, async (context) => {
    const { bundles, expect } = context
    const edits = combine(limits, delegated('rw'))
    const container = await createTidily(context, await bundles.busybox('delegated', sleeping, edits))
    const { files, isOwned } = ownedBy(container, containerRoot)
    const delegates = readFileSync('/sys/kernel/cgroup/delegate', 'utf8').trim().split('\n')
    expect(isOwned, 'the cgroup is handed over').toBe(true)
    expect(files.handedOver).toEqual(delegates.filter((file) => files.all.includes(file)).sort())
  })

  for (const [description, edits] of Object.entries(undelegated)) {
    test(`on cgroup v2 the cgroup of a container ${description} stays with its owner`, {
      covers: [
        'cgroup-ownership-iff-rw-mount',
        'cgroup-ownership-needs-cgroupns',
        'cgroup-ownership-no-mount-no-change',
      ],
      needs: delegationNeeds,
    }, async (context) => {
      const { bundles, expect } = context
      const name = description.replaceAll(' ', '-')
      const bundle = await bundles.busybox(name, sleeping, combine(limits, edits))
      const { files, isOwned } = ownedBy(await createTidily(context, bundle), containerRoot)
      expect(isOwned, 'the cgroup is handed over').toBe(false)
      expect(files.handedOver).toEqual([])
    })
  }

  for (const [description, { list, expected, covers }] of Object.entries(delegateLists)) {
    test(`on cgroup v2 ${description}`, { covers: [covers], needs: delegationNeeds }, async (context) => {
      const { bundles, id, expect } = context
      // What is mounted over a part of /sys keeps a user namespace from mounting a sysfs of its own.
      const edits = combine(limits, withoutMount('/sys'), addTmpfs('/sys'), delegated('rw'))
      const bundle = await bundles.busybox('delegated-without-sysfs', sleeping, edits)
      const runtime = await withDelegateList(context, list)
      try {
        const container = await runtime.create(bundle, { id: id('staged') })
        const { files, isOwned } = ownedBy(container, containerRoot)
        // Whether a cgroup is handed over at all is the runtime's choice.
        expect(files.handedOver).toEqual(isOwned ? expected : [])
      } finally {
        await runtime.remove(id('staged'))
      }
    })
  }
})

/** Which files of a container's cgroup belong to a user, and whether the cgroup does. */
function ownedBy(container: Container, user: number) {
  const directory = new ObservedCgroup(pidOf(container)).directory('')
  const all = readdirSync(directory)
  const handedOver = all.filter((file) => statSync(join(directory, file)).uid === user).sort()
  return { files: { all, handedOver }, isOwned: statSync(directory).uid === user }
}

/** The runtime, in a mount namespace in which the kernel names other files, or none, for delegation. */
async function withDelegateList(
  { runtime, temporaryDirectory }: TestContext,
  list: readonly string[] | undefined,
): Promise<Runtime> {
  const directory = await temporaryDirectory()
  const file = join(directory, 'delegate')
  writeFileSync(file, (list ?? []).map((name) => `${name}\n`).join(''))
  const cover =
    list === undefined
      ? ['mount', '-t', 'tmpfs', 'none', '/sys/kernel/cgroup']
      : ['mount', '--bind', file, '/sys/kernel/cgroup/delegate']
  const prefix = ['unshare', '--mount', 'sh', '-c', `${shellQuote(cover)} && exec "$0" "$@"`]
  return new Runtime({
    command: runtime.program,
    root: runtime.root,
    directory: join(directory, 'harness'),
    arguments: runtime.arguments,
    prefix: [...prefix, ...runtime.prefix],
  })
}

/** All that it takes for a cgroup to be handed over to the container's user, whom the host knows by another id. */
function delegated(access: 'rw' | 'ro'): Edit {
  return combine(
    withUserNamespace([{ containerID: 0, hostID: containerRoot, size: 65_536 }]),
    addNamespace('cgroup'),
    withoutMount('/sys/fs/cgroup'),
    addMount({
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['nosuid', 'noexec', 'nodev', 'relatime', access],
    }),
  )
}
