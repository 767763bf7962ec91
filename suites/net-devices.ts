import { HeldNamespaces, runTool } from '../harness/host/index.ts'
import {
  addNamespace,
  combine,
  type Edit,
  joinNamespace,
  withLinux,
  withoutNamespace,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { endOf } from './containers.ts'
import { shell, sleeping } from './programs.ts'

const needs = ['network-namespace'] as const

/** An interface that is down, with addresses and attributes that no interface has by default. */
const interfaceScript = `
  ip link add strange type veth peer name other
  ip link set strange address 02:00:00:00:12:34 mtu 1432
  ip address add 10.93.1.7/24 dev strange
  ip address add fd00:93::7/64 dev strange nodad`

/** A network namespace for the runtime in which the interface `strange` stands. */
function hostSide(): Promise<HeldNamespaces> {
  return HeldNamespaces.open(['net'], { script: interfaceScript })
}

function moving(name?: string): Edit {
  return withLinux({ netDevices: { strange: name === undefined ? {} : { name } } })
}

async function interfacesOf(holder: HeldNamespaces): Promise<string> {
  return await runTool([...holder.entering('net'), 'ip', '-o', 'link'])
}

/** What `ip` of busybox says of all interfaces and their addresses. */
const showing = shell('ip address show')

/** Runs a container by a runtime on the host's side. */
async function runFrom(
  holder: HeldNamespaces,
  { bundles, runtime }: Pick<TestContext, 'bundles' | 'runtime'>,
  name: string,
  filter: Edit,
) {
  const bundle = await bundles.busybox(name, showing, combine(addNamespace('network'), filter))
  return await runtime.called({ through: holder.entering('net') }).run(bundle)
}

export const netDevices = suite('net-devices', ({ test }) => {
  test('a listed interface is moved into the container under its own name', {
    covers: ['netdevices-available', 'netdevices-name-optional', 'netdevices-optional'],
    needs,
  }, async (context) => {
    const { control, expect } = context
    await using holder = await hostSide()
    await control('without the list the container does not have it', async () => {
      expect((await runFrom(holder, context, 'without', combine())).stdout).not.toContain('strange')
    })
    expect(await runFrom(holder, context, 'own-name', moving())).toHavePrinted(/: strange@/)
  })

  test('a listed interface is given the name that is asked for', {
    covers: ['netdevices-available', 'netdevices-name-optional'],
    needs,
  }, async (context) => {
    await using holder = await hostSide()
    const result = await runFrom(holder, context, 'renamed', moving('renamed'))
    context.expect(result).toHavePrinted(/: renamed@/)
    context.expect(result.stdout).not.toContain(': strange@')
  })

  test('the kernel numbers a name that ends in %d', {
    covers: ['netdevices-name-template-allowed'],
    needs,
  }, async (context) => {
    await using holder = await hostSide()
    const result = await runFrom(holder, context, 'numbered', moving('many%d'))
    context.expect(result).toHavePrinted(/: many0@/)
  })

  test('a moved interface keeps its addresses and attributes, and is up', {
    covers: ['netdevices-preserve-attributes', 'netdevices-set-up'],
    needs,
  }, async (context) => {
    await using holder = await hostSide()
    const result = await runFrom(holder, context, 'attributes', moving())
    for (const kept of [/mtu 1432/, /02:00:00:00:12:34/, /inet 10\.93\.1\.7\/24/, /inet6 fd00:93::7\/64/])
      context.expect(result).toHavePrinted(kept)
    context.expect(result).toHavePrinted(/strange@\S+ <[^>]*\bUP\b/)
  })

  const immovable: Readonly<Record<string, Edit>> = {
    'that does not exist': withLinux({ netDevices: { nosuchinterface: {} } }),
    'although the container has no network namespace': combine(moving(), withoutNamespace('network')),
  }
  for (const [description, fault] of Object.entries(immovable)) {
    test(`create refuses to move an interface ${description}, and moves nothing`, {
      covers: ['netdevices-movability-checked'],
      needs,
    }, async ({ bundles, runtime, control, expect }) => {
      await control('an interface that can be moved is moved', async () => {
        await using good = await hostSide()
        const bundle = await bundles.busybox('movable', sleeping, moving())
        await runtime.called({ through: good.entering('net') }).create(bundle)
        expect(await interfacesOf(good)).not.toContain('strange')
      })
      await using holder = await hostSide()
      const bundle = await bundles.busybox(
        `immovable-${description.replaceAll(/\W+/g, '-')}`,
        sleeping,
        fault,
      )
      await expect(runtime.called({ through: holder.entering('net') }).create(bundle)).toBeRefused()
      expect(await interfacesOf(holder)).toContain('strange')
    })
  }

  test('create refuses a name that an interface of the container has already', {
    covers: ['netdevices-name-clash-errors'],
    needs,
  }, async ({ bundles, runtime, control, expect }) => {
    await using holder = await hostSide()
    await using joined = await HeldNamespaces.open(['net'], {
      script: 'ip link add taken type veth peer name another',
    })
    const join = joinNamespace('network', joined.path('net'))
    const from = runtime.called({ through: holder.entering('net') })
    const taken = await bundles.busybox('taken', sleeping, combine(join, moving('taken')))
    await expect(from.create(taken)).toBeRefused()
    await control('a name that is free is accepted', async () => {
      await using good = await hostSide()
      const free = await bundles.busybox('free', sleeping, combine(join, moving('free')))
      await runtime.called({ through: good.entering('net') }).create(free)
    })
  })

  test('a moved interface is left alone while the container lives, and stays where it is when that is deleted', {
    covers: ['netdevices-no-move-back', 'netdevices-no-lifecycle-management'],
    needs,
  }, async ({ bundles, runtime, expect }) => {
    await using holder = await hostSide()
    await using joined = await HeldNamespaces.open(['net'])
    const filter = combine(joinNamespace('network', joined.path('net')), moving())
    const from = runtime.called({ through: holder.entering('net') })
    const container = await from.create(await bundles.busybox('staying', sleeping, filter))
    await runTool([...joined.entering('net'), 'ip', 'link', 'set', 'strange', 'mtu', '1300'])
    await container.start()
    await endOf(container)
    await container.delete()
    expect(await interfacesOf(joined)).toMatch(/strange@.* mtu 1300 /)
    expect(await interfacesOf(holder)).not.toContain('strange')
  })
})
