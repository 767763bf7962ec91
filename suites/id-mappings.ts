import { chown, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addMount,
  combine,
  type Edit,
  type IdMapping,
  type Mount,
  withoutValue,
  withUserNamespace,
  withValue,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { shell, sleeping } from './programs.ts'

/** Ids of the container are those of the host as far as the files of its bundle need it. */
const withOthers: readonly IdMapping[] = [
  { containerID: 0, hostID: 0, size: 1 },
  { containerID: 1, hostID: 300_000, size: 1_000 },
  { containerID: 5_000, hostID: 400_000, size: 10 },
]
const groups: readonly IdMapping[] = [
  { containerID: 0, hostID: 0, size: 1 },
  { containerID: 1, hostID: 500_000, size: 2_000 },
]

/** Ids that a file has on the host, and those that a mapping shows inside. */
const host = { uid: 1_000, gid: 2_000 }
const uidMappings: IdMapping[] = [{ containerID: 1_000, hostID: 71_000, size: 1 }]
const gidMappings: IdMapping[] = [{ containerID: 2_000, hostID: 82_000, size: 1 }]

function bound(source: string, entry: Partial<Mount>): Edit {
  return addMount({ destination: '/mnt', type: 'none', source, ...entry })
}

/** A directory with a file of a user who is not root. */
async function ownedFile({ temporaryDirectory }: Pick<TestContext, 'temporaryDirectory'>): Promise<string> {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, 'file'), '')
  await chown(join(directory, 'file'), host.uid, host.gid)
  return directory
}

const owner = shell('stat -c "%u %g" /mnt/file')

/** Mappings of a user namespace that lack what the kernel needs, each with the one fault named. */
const faults: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'without a size': {
    covers: 'userns-mapping-size-required',
    fault: withoutValue('linux.uidMappings[0].size'),
  },
  'of size 0': { covers: 'userns-mapping-size-required', fault: withValue('linux.uidMappings[0].size', 0) },
  'that says twice where an id goes': {
    covers: 'userns-mapping-containerid-required',
    fault: withValue('linux.uidMappings[1].containerID', 0),
  },
  'that says twice whose an id of the host is': {
    covers: 'userns-mapping-hostid-required',
    fault: withValue('linux.uidMappings[1].hostID', 0),
  },
}

export const idMappings = suite('id-mappings', ({ test }) => {
  test('the ids of a user namespace are mapped as configured', {
    covers: [
      'userns-uidmappings-optional',
      'userns-mapping-containerid-required',
      'userns-mapping-hostid-required',
      'userns-mapping-size-required',
    ],
    needs: ['user-namespace', 'other-ids'],
  }, async ({ observe, expect }) => {
    const inside = await observe('user-namespace', withUserNamespace(withOthers, groups))
    expect(inside.uidMappings).toEqual(withOthers)
  })

  test('groups are mapped by their own list and not by that of the users', {
    covers: ['userns-gidmappings-optional'],
    needs: ['user-namespace', 'other-ids'],
  }, async ({ observe, expect }) => {
    const inside = await observe('user-namespace', withUserNamespace(withOthers, groups))
    expect(inside.gidMappings).toEqual(groups)
  })

  test('a user namespace leaves the owners of files on the host as they are', {
    covers: ['userns-no-chown-of-filesystems'],
    needs: ['user-namespace', 'other-ids'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const source = await ownedFile(context)
    const filter = combine(withUserNamespace(withOthers, groups), bound(source, { options: ['bind'] }))
    const bundle = await bundles.busybox('owners', owner, filter)
    // Neither id is mapped: the kernel shows those of nobody.
    expect(await runtime.run(bundle)).toHavePrinted('65534 65534\n')
    expect(await stat(join(source, 'file'))).toMatchObject(host)
    expect(await stat(join(bundle.rootfs, 'bin'))).toMatchObject({ uid: 0, gid: 0 })
  })

  for (const [description, { covers, fault }] of Object.entries(faults)) {
    test(`create refuses a mapping of ids ${description}`, {
      covers: [covers],
      needs: ['user-namespace', 'other-ids'],
    }, async ({ bundles, runtime, control, expect }) => {
      const whole = withUserNamespace(withOthers, groups)
      await control('the mappings without the fault are accepted', async () =>
        runtime.create(await bundles.busybox('whole', sleeping, whole)),
      )
      const name = description.replaceAll(' ', '-')
      const bundle = await bundles.busybox(name, sleeping, combine(whole, fault))
      await expect(runtime.create(bundle)).toBeRefused()
    })
  }

  for (const option of ['idmap', 'ridmap']) {
    const options = [option === 'idmap' ? 'bind' : 'rbind', option]

    test(`a mount with ${option} shows files under the ids of its own mappings`, {
      covers: [
        `mount-option-${option}`,
        `mount-option-${option}-applies-mapping`,
        `mount-option-${option}-uses-given-mappings`,
        'mount-uidmappings-optional',
        'mount-gidmappings-optional',
        'mount-uidmappings-need-gidmappings',
        'mount-gidmappings-need-uidmappings',
      ],
      needs: ['user-namespace', 'other-ids'],
    }, async (context) => {
      const { bundles, runtime, control, expect } = context
      const source = await ownedFile(context)
      await control('without the option the ids are those of the host', async () => {
        const plain = await bundles.busybox(
          `plain-${option}`,
          owner,
          bound(source, { options: options.slice(0, 1) }),
        )
        expect(await runtime.run(plain)).toHavePrinted('1000 2000\n')
      })
      const filter = bound(source, { options, uidMappings, gidMappings })
      const bundle = await bundles.busybox(`mapped-${option}`, owner, filter)
      expect(await runtime.run(bundle)).toHavePrinted('71000 82000\n')
      expect(await stat(join(source, 'file'))).toMatchObject(host)
    })

    test(`create refuses a mount with ${option} for which there are no mappings anywhere`, {
      covers: [`mount-option-${option}-no-userns-errors`, `mount-option-${option}-no-mapping-source-errors`],
      needs: ['user-namespace', 'other-ids'],
    }, async (context) => {
      const { bundles, runtime, control, expect } = context
      const source = await ownedFile(context)
      await control('with mappings it is accepted', async () => {
        const filter = bound(source, { options, uidMappings, gidMappings })
        await runtime.create(await bundles.busybox(`whole-${option}`, sleeping, filter))
      })
      const bundle = await bundles.busybox(`bare-${option}`, sleeping, bound(source, { options }))
      await expect(runtime.create(bundle)).toBeRefused()
    })
  }

  for (const [given, missing] of [
    ['uidMappings', 'gidMappings'],
    ['gidMappings', 'uidMappings'],
  ] as const) {
    test(`create refuses a mount that has ${given} and no ${missing}`, {
      covers: [`mount-${given.toLowerCase()}-need-${missing.toLowerCase()}`],
      needs: ['user-namespace', 'other-ids'],
    }, async (context) => {
      const { bundles, runtime, control, expect } = context
      const source = await ownedFile(context)
      const options = ['bind', 'idmap']
      const both = { uidMappings, gidMappings }
      await control('with both it is accepted', async () => {
        const filter = bound(source, { options, ...both })
        await runtime.create(await bundles.busybox(`both-${given}`, sleeping, filter))
      })
      const filter = bound(source, { options, [given]: both[given] })
      await expect(runtime.create(await bundles.busybox(`only-${given}`, sleeping, filter))).toBeRefused()
    })
  }
})
