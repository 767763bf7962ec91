import { HeldNamespaces, runTool, until } from '../harness/host/index.ts'
import { combine, withDomainname, withHostname } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { patienceMs } from './containers.ts'
import { shell, sleeping } from './programs.ts'

/** The longest name that the kernel takes, and with every kind of character that a name may have. */
const longest = `Host-0.${'x'.repeat(57)}`

/** Both kinds of name at once, unlike each other and anybody's default. */
const named = combine(withHostname('proving-ground'), withDomainname('range.example'))

export const hostnameDomainname = suite('hostname-domainname', ({ test }) => {
  test('the program sees the configured host name', {
    covers: ['hostname-optional'],
  }, async ({ observe, expect }) => {
    expect((await observe('host-name', withHostname('proving-ground'))).hostname).toBe('proving-ground')
  })

  test('a host name may be as long as the kernel allows', {
    covers: ['hostname-optional'],
  }, async ({ observe, expect }) => {
    expect((await observe('longest', withHostname(longest))).hostname).toBe(longest)
  })

  test('the program sees the configured domain name', {
    covers: ['domainname-optional'],
  }, async ({ observe, expect }) => {
    expect((await observe('both', named)).domainname).toBe('range.example')
  })

  test('a configured domain name leaves the configured host name as it is', {
    covers: ['domainname-optional', 'hostname-optional'],
  }, async ({ observe, expect }) => {
    expect((await observe('both', named)).hostname).toBe('proving-ground')
  })

  test('the host keeps its name', {
    covers: ['hostname-optional'],
    needs: ['uts-namespace'],
  }, async ({ bundles, runtime, control, expect }) => {
    await using host = await HeldNamespaces.open(['uts'], { script: 'hostname runwright-home' })
    const nameOfHost = () => runTool([...host.entering('uts'), 'hostname'])
    const container = await runtime
      .called({ through: host.entering('uts') })
      .create(
        await bundles.busybox(
          'away-from-home',
          shell('hostname; exec sleep 1000'),
          withHostname('proving-ground'),
        ),
      )
    await container.start()
    await control('the container has a name of its own', async () => {
      await until(async () => (await container.init.stdout()) === 'proving-ground\n', {
        timeoutMs: patienceMs,
        what: 'the container to tell its name',
      })
    })
    expect(await nameOfHost()).toBe('runwright-home')
  })

  test('the name is set when create has returned', {
    covers: ['hostname-optional'],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('created', sleeping, withHostname('proving-ground')),
    )
    await container.start()
    expect(await container.exec(['hostname'])).toHavePrinted('proving-ground\n')
  })

  test('two containers have names of their own', {
    covers: ['hostname-optional'],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    for (const name of ['north-range', 'south-range']) {
      const container = await runtime.create(await bundles.busybox(name, sleeping, withHostname(name)))
      await container.start()
    }
    const named = await Promise.all((await runtime.list()).map(({ id }) => runtime.exec(id, ['hostname'])))
    expect(named.map(({ stdout }) => stdout).sort()).toEqual(['north-range\n', 'south-range\n'])
  })
})
