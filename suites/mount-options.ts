import type { MountEntry } from '../harness/host/index.ts'
import { HeldNamespaces, runTool } from '../harness/host/index.ts'
import {
  addBindMount,
  addMount,
  addTmpfs,
  combine,
  type Edit,
  withNoNewPrivileges,
  withUser,
} from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { untilPrinted } from './containers.ts'
import { bindTree, boundAt, holdTree } from './mount-trees.ts'
import { shell } from './programs.ts'

/** An option that switches something on, the one that switches it off again, and where the kernel shows it. */
interface Switch {
  readonly on: string
  readonly off?: string
  readonly shown: 'mount' | 'file system'
}

const switches: readonly Switch[] = [
  { on: 'ro', off: 'rw', shown: 'mount' },
  { on: 'nosuid', off: 'suid', shown: 'mount' },
  { on: 'nodev', off: 'dev', shown: 'mount' },
  { on: 'noexec', off: 'exec', shown: 'mount' },
  { on: 'noatime', off: 'atime', shown: 'mount' },
  { on: 'nodiratime', off: 'diratime', shown: 'mount' },
  { on: 'sync', off: 'async', shown: 'file system' },
  { on: 'dirsync', shown: 'file system' },
]

/** One that not every runtime knows: each has a container of its own, so that the others are judged all the same. */
const rareSwitches: readonly Switch[] = [
  { on: 'lazytime', off: 'nolazytime', shown: 'file system' },
  { on: 'nosymfollow', off: 'symfollow', shown: 'mount' },
]

/** Options that are to be taken and whose effect the kernel does not show. */
const silently: Readonly<Record<string, readonly (readonly string[])[]>> = {
  defaults: [['defaults']],
  iversion: [['iversion']],
  noiversion: [['noiversion'], ['iversion', 'noiversion']],
  silent: [['silent']],
  loud: [['loud'], ['silent', 'loud']],
  norelatime: [['norelatime'], ['relatime', 'norelatime']],
}

/** What a kernel gives a mount about access times when nobody asks for anything. */
const byDefault = 'relatime'

function optionsOf(entry: MountEntry, shown: Switch['shown']): readonly string[] {
  return shown === 'mount' ? entry.options : entry.superOptions
}

/** A tmpfs for each list of options, at `/mnt/<options with dashes>`. */
function tmpfsWith(...lists: readonly (readonly string[])[]): Edit {
  return combine(addTmpfs('/mnt'), ...lists.map((options) => addTmpfs(placeOf(options), ...options)))
}

function placeOf(options: readonly string[]): string {
  return `/mnt/${options.join('-')}`
}

function listsOf({ on, off }: Switch): readonly (readonly string[])[] {
  return off === undefined ? [[on]] : [[on], [off], [on, off], [off, on]]
}

const commonFilter = tmpfsWith(
  ...switches.flatMap(listsOf),
  ['strictatime'],
  ['strictatime', 'nostrictatime'],
)

/** Options whose effect a program feels, each with a script that fails where it is in effect. */
interface Felt {
  readonly on: string
  readonly off: string
  readonly script: (place: string) => string
}

const felt: readonly Felt[] = [
  { on: 'ro', off: 'rw', script: (place) => `touch ${place}/file` },
  {
    on: 'noexec',
    off: 'exec',
    script: (place) => `cp /bin/busybox ${place}/busybox && ${place}/busybox true`,
  },
]

/** Options for the whole tree of mounts: how it is prepared, and what both mounts then show or no longer show. */
interface Recursive {
  readonly prepared?: string
  readonly shows?: string
  readonly lacks?: string
}

const recursive: Readonly<Record<string, Recursive>> = {
  rro: { shows: 'ro' },
  rrw: { prepared: 'ro', shows: 'rw', lacks: 'ro' },
  rnosuid: { shows: 'nosuid' },
  rsuid: { prepared: 'nosuid', lacks: 'nosuid' },
  rdev: { prepared: 'nodev', lacks: 'nodev' },
  rnoexec: { shows: 'noexec' },
  rexec: { prepared: 'noexec', lacks: 'noexec' },
  rnoatime: { shows: 'noatime' },
  ratime: { prepared: 'noatime', lacks: 'noatime' },
  rnodiratime: { shows: 'nodiratime' },
  rdiratime: { prepared: 'nodiratime', lacks: 'nodiratime' },
  rrelatime: { prepared: 'strictatime', shows: 'relatime' },
  rnorelatime: { prepared: 'strictatime' },
  rstrictatime: { prepared: 'relatime', lacks: 'relatime' },
  rnostrictatime: { prepared: 'strictatime', shows: 'relatime' },
  rnosymfollow: { shows: 'nosymfollow' },
  rsymfollow: { prepared: 'nosymfollow', lacks: 'nosymfollow' },
}

/** Flags that no option for a whole tree sets but the one that is named after it. */
const flags = ['ro', 'nosuid', 'nodev', 'noexec', 'nosymfollow']

/** How the kernel marks both mounts of a tree whose mounts are shared on the host's side. */
const propagations: Readonly<Record<string, readonly string[]>> = {
  private: [],
  shared: ['shared'],
  slave: ['master'],
  unbindable: ['unbindable'],
}

/** Kinds of marks, without the numbers of peer groups; a mount may be shared and follow another at the same time. */
function marksOf(entry: MountEntry | undefined, wanted: readonly string[]): readonly string[] | undefined {
  const kinds = entry?.propagation.map((mark) => mark.replace(/:\d+$/, ''))
  return kinds?.filter((kind) => !wanted.includes('shared') || kind === 'shared')
}

export const mountOptions = suite('mount-options', ({ test }) => {
  const table = 'mount-options-table-implemented'

  for (const known of [...switches, ...rareSwitches]) {
    const { on, off, shown } = known
    const shared = switches.includes(known) ? 'switches' : `switch-${on}`
    const filter = switches.includes(known) ? commonFilter : tmpfsWith(...listsOf(known))

    test(`the mount option ${on} is in effect`, { covers: [`mount-option-${on}`] }, async ({
      observe,
      expect,
    }) => {
      const inside = await observe(shared, filter)
      expect(optionsOf(inside.mountAt(placeOf([on])), shown)).toContain(on)
      expect(optionsOf(inside.mountAt('/mnt'), shown)).not.toContain(on)
    })

    if (off === undefined) continue
    test(`the mount option ${off} undoes an earlier ${on}, and a later ${on} undoes it`, {
      covers: [`mount-option-${off}`, `mount-option-${on}`],
    }, async ({ observe, expect }) => {
      const inside = await observe(shared, filter)
      const seen = (...options: readonly string[]) =>
        optionsOf(inside.mountAt(placeOf(options)), shown).includes(on)
      expect({ off: seen(off), onOff: seen(on, off), offOn: seen(off, on) }).toEqual({
        off: false,
        onOff: false,
        offOn: true,
      })
    })
  }

  test('the mount option strictatime has every access recorded', {
    covers: ['mount-option-strictatime', table],
  }, async ({ observe, expect }) => {
    const inside = await observe('switches', commonFilter)
    expect(inside.mountAt('/mnt').options).toContain(byDefault)
    const { options } = inside.mountAt(placeOf(['strictatime']))
    expect(options).not.toContain('relatime')
    expect(options).not.toContain('noatime')
  })

  test('the mount option nostrictatime undoes strictatime', {
    covers: ['mount-option-nostrictatime', table],
  }, async ({ observe, expect }) => {
    const inside = await observe('switches', commonFilter)
    expect(inside.mountAt(placeOf(['strictatime', 'nostrictatime'])).options).toContain(byDefault)
  })

  test('the mount option relatime gives a bind mount relative access times', {
    covers: ['mount-option-relatime', table],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    const { control, expect } = context
    await control('without it the access times are those of the source', async () => {
      const { top } = await bindTree(context, 'not-relatime', ['bind'], { prepared: 'noatime' })
      expect(top.options).toContain('noatime')
    })
    const { top } = await bindTree(context, 'relatime', ['bind', 'relatime'], { prepared: 'noatime' })
    expect(top.options).toContain('relatime')
    expect(top.options).not.toContain('noatime')
  })

  for (const [option, lists] of Object.entries(silently)) {
    test(`the mount option ${option} is accepted and kept from the file system`, {
      covers: [`mount-option-${option}`, table],
    }, async ({ observe, expect }) => {
      const inside = await observe(`accepting-${option}`, tmpfsWith(...lists))
      for (const options of lists) {
        const entry = inside.mountAt(placeOf(options))
        expect(entry.type).toBe('tmpfs')
        expect(entry.options).toEqual(expect.arrayContaining(['rw']))
        for (const flag of ['nosuid', 'nodev', 'noexec']) expect(entry.options).not.toContain(flag)
      }
    })
  }

  for (const { on, off, script } of felt) {
    test(`the mount option ${on} is felt by a program, and ${off} is not`, {
      covers: [`mount-option-${on}`, `mount-option-${off}`],
    }, async ({ bundles, runtime, expect }) => {
      const lists = [[on], [off]]
      const tries = lists.map(
        (options) => `(${script(placeOf(options))}) 2>/dev/null && echo done || echo refused`,
      )
      const bundle = await bundles.busybox(`felt-${on}`, shell(tries.join('\n')), tmpfsWith(...lists))
      const result = await runtime.run(bundle)
      expect(result).toHavePrinted('refused\ndone\n')
    })
  }

  test('the mount option nodev makes devices unusable, and dev takes it away', {
    covers: ['mount-option-nodev', 'mount-option-dev'],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const opening = shell('cat /mnt/tree/null 2>/dev/null && echo opened || echo refused')
    // Each begins with the contrary: a bind mount may take over what its source has.
    const run = async (option: string, prepared: string) => {
      const { holder, path } = await holdTree(context, prepared)
      await using _held = holder
      const node = `mknod "$1/null" c 1 3 && chmod 666 "$1/null"`
      await runTool([...holder.entering('mnt'), 'sh', '-c', node, 'sh', path])
      const filter = boundAt(path, ['bind', option])
      const bundle = await bundles.busybox(`felt-${option}`, opening, filter)
      return await runtime.behind(holder.entering('mnt')).run(bundle)
    }
    expect(await run('dev', 'nodev')).toHavePrinted('opened\n')
    expect(await run('nodev', 'dev')).toHavePrinted('refused\n')
  })

  test('the mount option nosuid disables the set-user-id bit, and suid takes it away', {
    covers: ['mount-option-nosuid', 'mount-option-suid'],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const { rootfs } = await bundles.busybox('source-of-busybox', ['true'])
    const asking = shell('/mnt/tree/cat /proc/self/status | grep ^Uid: | cut -f 4')
    const user = combine(withUser({ uid: 1234, gid: 2345 }), withNoNewPrivileges(false))
    const run = async (option: string, prepared: string) => {
      const { holder, path } = await holdTree(context, prepared)
      await using _held = holder
      const copy = `cp "$2/bin/busybox" "$1/cat" && chmod 4755 "$1/cat"`
      await runTool([...holder.entering('mnt'), 'sh', '-c', copy, 'sh', path, rootfs])
      const filter = combine(boundAt(path, ['bind', option]), user)
      const bundle = await bundles.busybox(`felt-${option}`, asking, filter)
      return await runtime.behind(holder.entering('mnt')).run(bundle)
    }
    // The saved user id: busybox gives up the effective one.
    expect(await run('suid', 'nosuid')).toHavePrinted('0\n')
    expect(await run('nosuid', 'suid')).toHavePrinted('1234\n')
  })

  test('the mount option ro makes a bind mount read-only and leaves its source writable', {
    covers: ['mount-option-ro'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const [first, second] = [await temporaryDirectory(), await temporaryDirectory()]
    const script =
      'for place in /first /second; do touch $place/file 2>/dev/null && echo $place; done; echo end'
    const filter = combine(addBindMount(first, '/first'), addBindMount(second, '/second', 'ro'))
    const bundle = await bundles.busybox('bound-ro', shell(script), filter)
    expect(await runtime.run(bundle)).toHavePrinted('/first\nend\n')
    await runTool(['touch', `${second}/file`])
  })

  test('the mount option bind binds one mount without those below it', {
    covers: ['mount-option-bind', table],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    const { top, sub } = await bindTree(context, 'bind', ['bind'])
    context.expect(top).toMatchObject({ type: 'tmpfs', source: 'tree' })
    context.expect(sub).toBeUndefined()
  })

  test('the mount option rbind binds a mount with those below it', {
    covers: ['mount-option-rbind', table],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    const { top, sub } = await bindTree(context, 'rbind', ['rbind'])
    context.expect(top).toMatchObject({ type: 'tmpfs', source: 'tree' })
    context.expect(sub).toMatchObject({ type: 'tmpfs', source: 'sub' })
  })

  test('the mount option ro of a whole tree is about its top alone', {
    covers: ['mount-option-ro', 'mount-option-rbind'],
    needs: ['mount-namespace', 'tmpfs-mount'],
  }, async (context) => {
    const { top, sub } = await bindTree(context, 'rbind-ro', ['rbind', 'ro'])
    context.expect(top.options).toContain('ro')
    context.expect(sub?.options).toContain('rw')
  })

  test('the mount option remount changes a mount and adds none', {
    covers: ['mount-option-remount', table],
  }, async ({ observe, expect }) => {
    const filter = combine(
      addTmpfs('/mnt', 'size=64k'),
      addMount({ destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro', 'nosuid'] }),
    )
    const inside = await observe('remount', filter)
    const found = inside.mounts.filter(({ mountPoint }) => mountPoint === '/mnt')
    expect(found).toHaveLength(1)
    expect(found[0]?.options).toEqual(expect.arrayContaining(['ro', 'nosuid']))
  })

  for (const [option, marks] of Object.entries(propagations)) {
    test(`the mount option ${option} sets the propagation of a mount`, {
      covers: [`mount-option-${option}`, table],
      needs: ['mount-namespace', 'tmpfs-mount'],
    }, async (context) => {
      const { top } = await bindTree(context, option, ['rbind', option])
      context.expect(marksOf(top, marks)).toEqual(marks)
    })

    test(`the mount option r${option} sets the propagation of a whole tree`, {
      covers: [`mount-option-r${option}`, table],
      needs: ['mount-namespace', 'tmpfs-mount'],
    }, async (context) => {
      const { top, sub } = await bindTree(context, `r${option}`, ['rbind', `r${option}`])
      context.expect(marksOf(top, marks)).toEqual(marks)
      context.expect(marksOf(sub, marks)).toEqual(marks)
    })
  }

  for (const [option, arrives] of [
    ['rslave', true],
    ['rshared', true],
    ['rprivate', false],
  ] as const) {
    test(`with the mount option ${option} a later mount of the host ${arrives ? 'arrives' : 'does not arrive'} in the container`, {
      covers: [`mount-option-${option}`],
      needs: ['mount-namespace', 'tmpfs-mount'],
    }, async (context) => {
      const { bundles, runtime, temporaryDirectory, expect } = context
      const signs = await temporaryDirectory()
      const { holder, path } = await holdTree(context)
      await using _held = holder
      const looking = 'echo waiting; until [ -e /signs/look ]; do sleep 0.01; done; ls /mnt/tree/sub'
      const filter = combine(boundAt(path, ['rbind', option]), addBindMount(signs, '/signs'))
      const bundle = await bundles.busybox(`later-${option}`, shell(looking), filter)
      const container = await runtime.behind(holder.entering('mnt')).create(bundle)
      await container.start()
      await untilPrinted(container.init, 'waiting\n')
      const mounting = 'mount -t tmpfs later "$1/sub" && touch "$1/sub/later" && touch "$2/look"'
      await runTool([...holder.entering('mnt'), 'sh', '-c', mounting, 'sh', path, signs])
      expect(await container.wait()).toHavePrinted(`waiting\n${arrives ? 'later' : 'file'}\n`)
    })
  }

  for (const [option, { prepared = '', shows, lacks }] of Object.entries(recursive)) {
    test(`the mount option ${option} is about a whole tree of mounts`, {
      covers: [`mount-option-${option}`],
      needs: ['mount-namespace', 'tmpfs-mount'],
    }, async (context) => {
      const { control, expect } = context
      const untouched = await control('without the option the tree is as it is on the host', async () => {
        const bound = await bindTree(context, `without-${option}`, ['rbind'], { prepared })
        if (shows !== undefined) expect(bound.sub?.options).not.toContain(shows)
        if (lacks !== undefined) expect(bound.sub?.options).toContain(lacks)
        return bound
      })
      const { top, sub, source } = await bindTree(context, option, ['rbind', option], { prepared })
      for (const entry of [top, sub]) {
        expect(entry?.options).toBeDefined()
        if (shows !== undefined) expect(entry?.options).toContain(shows)
        if (lacks !== undefined) expect(entry?.options).not.toContain(lacks)
        for (const flag of flags.filter((each) => each !== shows && each !== prepared))
          expect(entry?.options).not.toContain(flag)
      }
      expect(source?.options).toEqual(untouched.source?.options)
    })
  }

  for (const options of [
    ['nosuid', 'nodev', 'noexec'],
    ['ro', 'noatime', 'nodiratime'],
    ['strictatime', 'sync'],
    ['nosuid', 'suid', 'dirsync'],
  ]) {
    test(`the mount options ${options.join(',')} have the effect they have for mount(8)`, {
      covers: ['mount-options-must-match-mount8'],
      needs: ['mount-namespace', 'tmpfs-mount'],
    }, async ({ observe, temporaryDirectory, expect }) => {
      const path = await temporaryDirectory()
      await using holder = await HeldNamespaces.open(['mnt'], {
        script: 'mount -t tmpfs -o "$2" tmpfs "$1"',
        arguments: [path, options.join(',')],
      })
      const byMount = holder.mounts().findLast(({ mountPoint }) => mountPoint === path)
      const inside = await observe(`as-${options.join('-')}`, tmpfsWith(options))
      const entry = inside.mountAt(placeOf(options))
      expect(byMount).toBeDefined()
      expect(entry.options).toEqual(byMount?.options)
      const ofFileSystem = ['sync', 'dirsync', 'lazytime']
      const flagsOf = (found: readonly string[] = []) => ofFileSystem.filter((flag) => found.includes(flag))
      expect(flagsOf(entry.superOptions)).toEqual(flagsOf(byMount?.superOptions))
    })
  }
})
