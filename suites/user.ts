import { addTmpfs, combine, type Edit, withUser, withUserNamespace } from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { createAndStart } from './acceptance.ts'
import { after, printedThrough } from './callers.ts'
import { observeInit, untilPrinted } from './containers.ts'
import { observeExecuted, observeRun, reporting } from './inside.ts'
import { shell, sleeping } from './programs.ts'

/** Neither root nor equal to each other, so that a mix-up shows. */
const uid = 1234
const gid = 5678

const asUser = withUser({ uid, gid })
const asUserWithGroups = withUser({ uid, gid, additionalGids: [4001, 4000] })

/** A user namespace in which ids from 0 to 9999 exist. */
const mapped = withUserNamespace([{ containerID: 0, hostID: 100_000, size: 10_000 }])

/** Masks of which none is any host's usual 022. */
const umasks = [0o077, 0o137, 0o000]

const withUmask = (umask: number): Edit => withUser({ umask })

const octal = (mode: number) => mode.toString(8).padStart(4, '0')

/** Words in front of a command that give it supplementary groups. */
async function withGroups({ control, expect }: TestContext): Promise<readonly string[]> {
  const through = ['setpriv', '--groups', '4711,4712']
  await control('the caller has supplementary groups', async () => {
    expect((await printedThrough(through, 'id -G')).split(' ')).toContain('4711')
  })
  return through
}

export const user = suite('user', ({ test }) => {
  test('the program runs with the configured user id as its real, effective, saved and file system id', {
    covers: ['user-uid-required'],
    needs: ['other-ids'],
  }, async ({ observe, expect }) => {
    expect((await observe('plain', asUser)).uids).toEqual([uid, uid, uid, uid])
  })

  test('the program runs with the configured group id as its real, effective, saved and file system id', {
    covers: ['user-gid-required'],
    needs: ['other-ids'],
  }, async ({ observe, expect }) => {
    expect((await observe('plain', asUser)).gids).toEqual([gid, gid, gid, gid])
  })

  test('the user of the program can be root while its group is another', {
    covers: ['user-uid-required', 'user-gid-required'],
    needs: ['other-ids'],
  }, async ({ observe, expect }) => {
    const { uids, gids } = await observe('root-of-a-group', withUser({ uid: 0, gid }))
    expect({ uids, gids }).toEqual({ uids: [0, 0, 0, 0], gids: [gid, gid, gid, gid] })
  })

  test('user and group id count inside the user namespace of the container', {
    covers: ['user-uid-required', 'user-gid-required'],
    needs: ['user-namespace', 'other-ids', 'passable-bundles'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('mapped', shell('id -u; id -g; exec sleep 1000'), combine(mapped, asUser)),
    )
    await container.start()
    await untilPrinted(container.init, `${uid}\n${gid}\n`)
    const { status } = observeInit(container)
    expect(status.get('Uid')?.split(/\s+/)[1]).toBe(String(100_000 + uid))
    expect(status.get('Gid')?.split(/\s+/)[1]).toBe(String(100_000 + gid))
  })

  for (const [what, unmapped] of Object.entries({
    'user id': { uid: 10_000 },
    'group id': { gid: 10_000 },
  })) {
    test(`a ${what} that the user namespace of the container does not map is refused`, {
      covers: [what === 'user id' ? 'user-uid-required' : 'user-gid-required'],
      needs: ['user-namespace', 'other-ids', 'passable-bundles'],
    }, async (context) => {
      const { bundles, control, expect } = context
      const bundle = (name: string, ids: Parameters<typeof withUser>[0]) =>
        bundles.busybox(name, sleeping, combine(mapped, withUser(ids)))
      await control('the last id that is mapped is accepted', async () =>
        createAndStart(context, await bundle('last-mapped', { uid: 9_999, gid: 9_999 })),
      )
      const name = `unmapped-${what.replace(' ', '-')}`
      await expect(createAndStart(context, await bundle(name, unmapped))).toBeRefused()
    })
  }

  test('the supplementary groups are exactly those that are configured', {
    covers: ['user-additionalgids-optional'],
    needs: ['other-ids'],
  }, async ({ observe, expect }) => {
    const { groups } = await observe('groups', asUserWithGroups)
    expect([...groups].sort()).toEqual([4000, 4001])
  })

  test('root has the configured supplementary groups, too', {
    covers: ['user-additionalgids-optional'],
    needs: ['other-ids'],
  }, async ({ observe, expect }) => {
    const { groups } = await observe('groups-of-root', withUser({ uid: 0, gid: 0, additionalGids: [4002] }))
    expect(groups).toEqual([4002])
  })

  test('without additional groups the program has none, whatever those of the caller', {
    covers: ['user-additionalgids-optional'],
    needs: ['other-ids'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const through = await withGroups(context)
    const bundle = await bundles.busybox('no-groups', reporting, asUser)
    expect((await observeRun(runtime.called({ through }), bundle)).groups).toEqual([])
  })

  test('supplementary groups of the caller are not added to those that are configured', {
    covers: ['user-additionalgids-optional'],
    needs: ['other-ids'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const through = await withGroups(context)
    const bundle = await bundles.busybox('other-groups', reporting, asUserWithGroups)
    const { groups } = await observeRun(runtime.called({ through }), bundle)
    expect([...groups].sort()).toEqual([4000, 4001])
  })

  for (const umask of umasks) {
    test(`the program runs with the configured umask ${octal(umask)}`, {
      covers: ['user-umask-optional'],
    }, async ({ observe, expect }) => {
      expect(octal((await observe(`umask-${octal(umask)}`, withUmask(umask))).umask)).toBe(octal(umask))
    })
  }

  test('the configured umask decides on the mode of a file that the program makes', {
    covers: ['user-umask-optional'],
  }, async ({ bundles, runtime, expect }) => {
    const script = 'cd /mnt && touch file && mkdir directory && stat -c %a file directory'
    const bundle = await bundles.busybox(
      'making-files',
      shell(script),
      combine(withUmask(0o027), addTmpfs('/mnt')),
    )
    expect(await runtime.run(bundle)).toHavePrinted('640\n750\n')
  })

  test('without a configured umask the program should have that of the caller', {
    covers: ['user-umask-unset-unchanged'],
  }, async ({ bundles, runtime, control, expect }) => {
    const through = after('umask 027')
    await control('the caller has another umask than usual', async () => {
      expect(await printedThrough(through, 'umask')).toBe('0027')
    })
    const bundle = await bundles.busybox('no-umask', reporting)
    expect(octal((await observeRun(runtime.called({ through }), bundle)).umask)).toBe('0027')
  })

  const executed: Readonly<
    Record<string, Readonly<{ members: object; seen: object; needs?: readonly Need[] }>>
  > = {
    'user id': {
      members: { user: { uid, gid: 0 } },
      seen: { uids: [uid, uid, uid, uid] },
      needs: ['other-ids'],
    },
    'group id': {
      members: { user: { uid: 0, gid } },
      seen: { gids: [gid, gid, gid, gid] },
      needs: ['other-ids'],
    },
    'supplementary groups': {
      members: { user: { uid, gid, additionalGids: [4003] } },
      seen: { groups: [4003] },
      needs: ['other-ids'],
    },
    umask: {
      members: { user: { uid: 0, gid: 0, umask: 0o137 } },
      seen: { umask: 0o137 },
    },
  }
  for (const [what, { members, seen, needs = [] }] of Object.entries(executed)) {
    test(`an executed process has the ${what} of its process file`, {
      covers: [],
      needs: ['runtime:exec', ...needs],
    }, async ({ bundles, runtime, expect }) => {
      const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await container.start()
      const { uids, gids, groups, umask } = await observeExecuted(container, members)
      expect({ uids, gids, groups, umask }).toMatchObject(seen)
    })
  }
})
