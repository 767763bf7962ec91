import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MountEntry } from '../harness/host/index.ts'
import type { InsideObservation } from '../harness/probe/index.ts'
import {
  addBindMount,
  addMount,
  addTmpfs,
  changing,
  combine,
  type Edit,
  withCwd,
  withoutMount,
  withoutValue,
  withRoot,
} from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { copyOf } from './bundle-copy.ts'
import { shell, sleeping } from './programs.ts'

/** The mounts that a container has by default, and the type of each. */
const defaultFileSystems: Readonly<Record<string, readonly [path: string, type: string]>> = {
  proc: ['/proc', 'proc'],
  sys: ['/sys', 'sysfs'],
  'dev-pts': ['/dev/pts', 'devpts'],
  'dev-shm': ['/dev/shm', 'tmpfs'],
}

/** A mount entry whatever it holds or lacks. */
function alsoMounting(entry: object): Edit {
  return changing((draft) => {
    Object.assign(draft, { mounts: [...(draft.mounts ?? []), entry] })
  })
}

function nameOf(description: string): string {
  return description.replaceAll(/\W+/g, '-')
}

/** The mount that is on top at a place: where there is none, a test of just that has failed and is not broken. */
function mountIn({ mounts }: InsideObservation, place: string): MountEntry | undefined {
  return mounts.findLast(({ mountPoint }) => mountPoint === place)
}

export const mounts = suite('mounts', ({ test }) => {
  test('a configuration without mounts is good', { covers: ['mounts-optional'] }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    // Without /proc there is nothing to hide in it or to protect of it.
    const filter = combine(
      withoutValue('mounts'),
      withoutValue('linux.maskedPaths'),
      withoutValue('linux.readonlyPaths'),
    )
    const result = await runtime.run(await bundles.busybox('no-mounts', ['echo', 'still here'], filter))
    expect(result).toHavePrinted('still here\n')
  })

  for (const [name, [path, type]] of Object.entries(defaultFileSystems)) {
    test(`with the runtime's own configuration a file system of type ${type} is at ${path}`, {
      covers: [`default-filesystem-${name}`],
    }, async ({ observe, expect }) => {
      const inside = await observe('default')
      expect(mountIn(inside, path)).toMatchObject({ type })
    })
  }

  test('of two mounts at one place the later one is on top', {
    covers: ['mounts-in-listed-order'],
  }, async ({ observe, expect }) => {
    const inside = await observe(
      'one-place',
      combine(addTmpfs('/mnt', 'size=64k'), addTmpfs('/mnt', 'size=128k')),
    )
    const sizes = inside.mounts
      .filter(({ mountPoint }) => mountPoint === '/mnt')
      .map(({ superOptions }) => superOptions.find((option) => option.startsWith('size=')))
    expect(sizes).toEqual(['size=64k', 'size=128k'])
  })

  test('mounts are done in the order of the list and not in that of their names', {
    covers: ['mounts-in-listed-order'],
  }, async ({ observe, expect }) => {
    const places = ['/mnt', '/mnt/b', '/mnt/a', '/mnt/c']
    const inside = await observe('in-order', combine(...places.map((place) => addTmpfs(place))))
    const seen = inside.mounts.map(({ mountPoint }) => mountPoint)
    expect(seen.filter((place) => places.includes(place))).toEqual(places)
  })

  test('a mount below an earlier one is seen, and one that a later mount covers is not', {
    covers: ['mounts-in-listed-order'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'file'), '')
    const filter = combine(
      addTmpfs('/above'),
      addBindMount(directory, '/above/bound'),
      addBindMount(directory, '/below/bound'),
      addTmpfs('/below'),
    )
    const bundle = await bundles.busybox('covering', shell('ls /above/bound; ls /below; echo end'), filter)
    expect(await runtime.run(bundle)).toHavePrinted('file\nend\n')
  })

  for (const [description, entry] of Object.entries({
    'without a destination': { type: 'tmpfs', source: 'tmpfs' },
    'with an empty destination': { destination: '', type: 'tmpfs', source: 'tmpfs' },
  })) {
    test(`create refuses a mount ${description}`, { covers: ['mounts-destination-required'] }, async ({
      bundles,
      runtime,
      control,
      expect,
    }) => {
      await control('the mount with a destination is accepted', async () => {
        await runtime.create(await bundles.busybox('whole', sleeping, addTmpfs('/mnt')))
      })
      const bundle = await bundles.busybox(nameOf(description), sleeping, alsoMounting(entry))
      await expect(runtime.create(bundle)).toBeRefused()
    })
  }

  test('a relative destination counts from the root of the container', {
    covers: [
      'mounts-destination-relative-to-root',
      'mounts-destination-may-be-relative',
      'mounts-destination-absolute',
    ],
  }, async ({ observe, expect }) => {
    const filter = combine(withCwd('/tmp'), addTmpfs('relative/place', 'size=64k'), addTmpfs('/absolute'))
    const inside = await observe('relative', filter)
    expect(mountIn(inside, '/relative/place')?.superOptions).toContain('size=64k')
    expect(mountIn(inside, '/absolute')?.type).toBe('tmpfs')
  })

  test('a mount needs neither source nor options', {
    covers: ['mounts-source-optional', 'mounts-options-optional'],
  }, async ({ observe, expect }) => {
    const filter = combine(
      addMount({ destination: '/memory', type: 'tmpfs' }),
      addMount({ destination: '/processes', type: 'proc' }),
    )
    const inside = await observe('bare', filter)
    expect(mountIn(inside, '/memory')).toMatchObject({ type: 'tmpfs' })
    expect(mountIn(inside, '/memory')?.options).toContain('rw')
    expect(mountIn(inside, '/processes')).toMatchObject({ type: 'proc' })
  })

  for (const [description, source] of Object.entries({
    'a name': 'data',
    'a name that begins with a dot': './data',
    'a path of several steps': 'rootfs/../data',
  })) {
    test(`a relative source that is ${description} is taken from the bundle`, {
      covers: ['mounts-source-relative-to-bundle'],
    }, async ({ bundles, runtime, temporaryDirectory, id, expect }) => {
      const [directory, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()]
      const filter = combine(withRoot('rootfs'), addBindMount(source, '/mnt'))
      const bundle = await copyOf(
        await bundles.busybox(nameOf(description), ['cat', '/mnt/file'], filter, { rootfs: 'private' }),
        directory,
      )
      for (const [place, text] of [
        [bundle.path, 'of the bundle\n'],
        [elsewhere, 'of the working directory\n'],
      ] as const) {
        await mkdir(join(place, 'data'))
        await writeFile(join(place, 'data', 'file'), text)
      }
      const words = ['run', '--bundle', bundle.path, id()]
      const result = await runtime.command(words, { workingDirectory: elsewhere })
      expect(result).toHavePrinted('of the bundle\n')
    })
  }

  for (const [description, type] of Object.entries({
    'no type': undefined,
    'the type none': 'none',
    'the type bind': 'bind',
    'the type of another file system': 'tmpfs',
    'a type that does not exist': 'nosuchtype',
  })) {
    test(`a mount with the option bind and ${description} is a bind mount`, {
      covers: ['mounts-bind-by-option', 'mounts-type-optional'],
    }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
      const source = await temporaryDirectory()
      await writeFile(join(source, 'file'), 'bound\n')
      const entry = { destination: '/mnt', source, options: ['bind'] }
      const filter = addMount(type === undefined ? entry : { ...entry, type })
      const bundle = await bundles.busybox(nameOf(description), ['cat', '/mnt/file'], filter)
      expect(await runtime.run(bundle)).toHavePrinted('bound\n')
    })
  }

  test('a mount with the option rbind is a bind mount', { covers: ['mounts-bind-by-option'] }, async ({
    bundles,
    runtime,
    temporaryDirectory,
    expect,
  }) => {
    const source = await temporaryDirectory()
    await writeFile(join(source, 'file'), 'bound\n')
    const filter = addMount({ destination: '/mnt', source, options: ['rbind'] })
    const bundle = await bundles.busybox('rbind', ['cat', '/mnt/file'], filter)
    expect(await runtime.run(bundle)).toHavePrinted('bound\n')
  })

  test('create refuses a file system type that does not exist', {
    covers: ['mounts-type-optional'],
  }, async ({ bundles, runtime, control, expect }) => {
    const mounting = (type: string) => addMount({ destination: '/mnt', type, source: 'none' })
    await control('a type that exists is accepted', async () =>
      runtime.create(await bundles.busybox('existing-type', sleeping, mounting('tmpfs'))),
    )
    await expect(
      runtime.create(await bundles.busybox('unknown-type', sleeping, mounting('nosuchfs'))),
    ).toBeRefused()
  })

  test('a directory that is bound is the same on both sides', { covers: ['mounts-bind-by-option'] }, async ({
    bundles,
    runtime,
    temporaryDirectory,
    expect,
  }) => {
    const source = await temporaryDirectory()
    await writeFile(join(source, 'from-host'), 'host\n')
    const script = 'cat /mnt/from-host; echo container >/mnt/from-container'
    const bundle = await bundles.busybox('directory', shell(script), addBindMount(source, '/mnt'))
    expect(await runtime.run(bundle)).toHavePrinted('host\n')
    expect(await readFile(join(source, 'from-container'), 'utf8')).toBe('container\n')
  })

  test('a file can be bound to a path that does not exist yet', {
    covers: ['mounts-bind-by-option'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const source = join(await temporaryDirectory(), 'file')
    await writeFile(source, 'host\n')
    const script = 'cat /new/place/file; echo container >/new/place/file'
    const bundle = await bundles.busybox('file', shell(script), addBindMount(source, '/new/place/file'))
    expect(await runtime.run(bundle)).toHavePrinted('host\n')
    expect(await readFile(source, 'utf8')).toBe('container\n')
  })

  test('what a tmpfs is not asked to hold it refuses', {
    covers: ['mount-options-unknown-as-fs-data'],
  }, async ({ bundles, runtime, expect }) => {
    const writing = (place: string) => `head -c 100000 /dev/zero >${place}/file 2>/dev/null && echo ${place}`
    const script = `${writing('/small')}; ${writing('/large')}; echo end`
    const filter = combine(addTmpfs('/small', 'size=64k'), addTmpfs('/large', 'size=1024k'))
    const result = await runtime.run(await bundles.busybox('sizes', shell(script), filter))
    expect(result).toHavePrinted('/large\nend\n')
  })

  test('options that are the business of the file system are handed to it together', {
    covers: ['mount-options-unknown-as-fs-data'],
  }, async ({ observe, expect }) => {
    const options = ['size=64k', 'nosuid', 'nr_inodes=17', 'mode=0710', 'uid=7', 'gid=8']
    const inside = await observe('data', addTmpfs('/mnt', ...options))
    const entry = inside.mountAt('/mnt')
    expect(entry.superOptions).toEqual(
      expect.arrayContaining(['size=64k', 'nr_inodes=17', 'mode=710', 'uid=7', 'gid=8']),
    )
    expect(entry.options).toContain('nosuid')
  })

  test('create refuses an option that the file system does not know', {
    covers: ['mount-options-unknown-as-fs-data'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('an option that it knows is accepted', async () =>
      runtime.create(await bundles.busybox('known-option', sleeping, addTmpfs('/mnt', 'size=64k'))),
    )
    const fault = addTmpfs('/mnt', 'nosuchoption=1')
    await expect(runtime.create(await bundles.busybox('unknown-option', sleeping, fault))).toBeRefused()
  })

  for (const [description, target] of Object.entries({
    'a relative link': 'target',
    'an absolute link': '/target',
    'a link that climbs out of the root': '../../../../../../../../target',
  })) {
    test(`a destination that leads through ${description} stays within the root file system`, {
      covers: [],
    }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
      const bundle = await copyOf(
        await bundles.busybox(
          nameOf(description),
          shell('grep -c " /target/place " /proc/self/mountinfo'),
          combine(withRoot('rootfs'), withoutMount('/sys/fs/cgroup'), addTmpfs('/link/place')),
          { rootfs: 'private' },
        ),
        await temporaryDirectory(),
      )
      await mkdir(join(bundle.path, 'rootfs', 'target', 'place'), { recursive: true })
      await symlink(target, join(bundle.path, 'rootfs', 'link'))
      expect(await runtime.run(bundle)).toHavePrinted('1\n')
    })
  }

  test('a destination that is a link to a path of the host is not followed out of the container', {
    covers: [],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const original = await bundles.busybox(
      'escaping',
      shell('echo changed >/link/file; cat "$(readlink /link)/file"'),
      combine(withRoot('rootfs'), addTmpfs('/link')),
      { rootfs: 'private' },
    )
    // Not among the temporary files: these may be below /dev, where a container has mounts of its own.
    const victim = join(original.path, 'victim')
    await mkdir(victim)
    await writeFile(join(victim, 'file'), 'untouched')
    const bundle = await copyOf(original, await temporaryDirectory())
    await mkdir(join(bundle.path, 'rootfs', victim), { recursive: true })
    await symlink(victim, join(bundle.path, 'rootfs', 'link'))
    expect(await runtime.run(bundle)).toHavePrinted('changed\n')
    expect(await readdir(victim)).toEqual(['file'])
    expect(await readFile(join(victim, 'file'), 'utf8')).toBe('untouched')
  })
})
