import { observeProcess } from '../harness/probe/index.ts'
import {
  type CapabilitySets,
  capabilitiesOfMask,
  combine,
  type Edit,
  withCapabilities,
  withNoNewPrivileges,
  withoutValue,
  withUser,
} from '../harness/spec/index.ts'
import { NothingObservedError, suite } from '../harness/suite/index.ts'
import { printedThrough } from './callers.ts'
import { observeExecuted, observeRun, reporting } from './inside.ts'
import { shell, sleeping } from './programs.ts'

const granted = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW', 'CAP_SYS_CHROOT']

/** Five sets of which no two that can differ after execve(2) are alike, and none is any runtime's default. */
const sets: CapabilitySets = {
  bounding: granted,
  effective: granted,
  permitted: granted,
  inheritable: ['CAP_KILL', 'CAP_NET_RAW'],
  ambient: ['CAP_NET_RAW'],
}

const none: CapabilitySets = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] }

type SetName = keyof CapabilitySets
const setNames: readonly SetName[] = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient']

/**
 * What a program has whose user is not root: execve(2) gives it, as permitted and effective, the ambient ones; see
 * capabilities(7).
 */
const ofUser = { ...sets, effective: sets.ambient, permitted: sets.ambient }

const asUser = withUser({ uid: 1000, gid: 1000 })

/** What this process may give away: the names behind the bits of its own bounding set. */
function grantable(): readonly string[] {
  const mask = observeProcess(process.pid).status.get('CapBnd')
  if (mask === undefined) throw new NothingObservedError('the kernel shows no bounding set of this process')
  return capabilitiesOfMask(mask)
}

/** All that this process may give away but one: a full set is what a runtime that sets nothing would pass on, too. */
function allButOne(): readonly string[] {
  return grantable().filter((name) => name !== 'CAP_SYSLOG')
}

const everyGrantable: Edit = (spec) => withCapabilities([...allButOne()])(spec)

export const capabilities = suite('capabilities', ({ test }) => {
  for (const name of setNames) {
    test(`the ${name} set of a program of root is exactly as configured`, {
      covers: [`capabilities-${name}-optional`],
    }, async ({ observe, expect }) => {
      const observed = (await observe('root', withCapabilities(sets))).capabilities
      expect([...observed[name]].sort()).toEqual(sets[name])
    })

    test(`the ${name} set of a program of another user follows from the configured ones`, {
      covers: [`capabilities-${name}-optional`],
      needs: ['other-ids'],
    }, async ({ observe, expect }) => {
      const observed = (await observe('user', combine(withCapabilities(sets), asUser))).capabilities
      expect([...observed[name]].sort()).toEqual(ofUser[name])
    })

    test(`the ${name} set is empty where an empty list is configured`, {
      covers: [`capabilities-${name}-optional`],
    }, async ({ observe, expect }) => {
      expect((await observe('none', withCapabilities(none))).capabilities[name]).toEqual([])
    })

    test(`the ${name} set of an executed process is that of its process file`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async ({ bundles, runtime, expect }) => {
      const container = await runtime.create(await bundles.busybox('all', sleeping, everyGrantable))
      await container.start()
      const observed = (await observeExecuted(container, { capabilities: sets })).capabilities
      expect([...observed[name]].sort()).toEqual(sets[name])
    })
  }

  test('a program of another user than root has no capabilities where none are ambient', {
    covers: ['capabilities-effective-optional', 'capabilities-permitted-optional'],
    needs: ['other-ids'],
  }, async ({ observe, expect }) => {
    const { bounding, effective, permitted } = (
      await observe('user-without-ambient', combine(withCapabilities({ ...sets, ambient: [] }), asUser))
    ).capabilities
    expect([...bounding].sort()).toEqual(granted)
    expect({ effective, permitted }).toEqual({ effective: [], permitted: [] })
  })

  test('sets that are left out are empty', {
    covers: ['capabilities-inheritable-optional', 'capabilities-ambient-optional'],
  }, async ({ observe, expect }) => {
    const edit = withCapabilities({ bounding: granted, effective: granted, permitted: granted })
    const { bounding, inheritable, ambient } = (await observe('three-sets', edit)).capabilities
    expect([...bounding].sort()).toEqual(granted)
    expect({ inheritable, ambient }).toEqual({ inheritable: [], ambient: [] })
  })

  test('every capability that the caller has can be granted by its name, and one that is left out is not', {
    covers: ['capabilities-bounding-optional', 'capabilities-effective-optional'],
  }, async ({ observe, expect }) => {
    const { bounding, effective } = (await observe('every', everyGrantable)).capabilities
    expect(bounding).toEqual(allButOne())
    expect(effective).toEqual(allButOne())
  })

  test('a program can do what a capability is for only where it was granted', {
    covers: ['capabilities-effective-optional', 'capabilities-permitted-optional'],
    needs: ['other-ids'],
  }, async ({ bundles, runtime, control, expect }) => {
    const chown = shell('touch /dev/shm/file && chown 1000 /dev/shm/file && stat -c %u /dev/shm/file')
    await control('the owner of a file is changed with CAP_CHOWN', async () => {
      const bundle = await bundles.busybox('with-chown', chown, withCapabilities(['CAP_CHOWN']))
      expect(await runtime.run(bundle)).toHavePrinted('1000\n')
    })
    const bundle = await bundles.busybox('without-chown', chown, withCapabilities(['CAP_KILL']))
    expect(await runtime.run(bundle)).toHaveExited(1)
  })

  test('a configuration without capabilities is accepted', {
    covers: ['capabilities-optional'],
  }, async ({ observe, expect }) => {
    // What the program has then is left open; that it ran is what its report shows.
    const { capabilities } = await observe('unset', withoutValue('process.capabilities'))
    expect(grantable()).toEqual(expect.arrayContaining([...capabilities.effective]))
  })

  const unknown = withCapabilities(['CAP_CHOWN', 'CAP_NO_SUCH_THING', 'CAP_KILL'])

  test('a capability that does not exist is passed over and the others are granted', {
    covers: ['capabilities-unmappable-warned'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('unknown', reporting, unknown)
    const { bounding, effective } = (await observeRun(runtime, bundle)).capabilities
    expect({ bounding, effective }).toEqual({
      bounding: ['CAP_CHOWN', 'CAP_KILL'],
      effective: ['CAP_CHOWN', 'CAP_KILL'],
    })
  })

  test('a capability that does not exist is warned of', {
    covers: ['capabilities-unmappable-warned'],
  }, async ({ bundles, runtime, control, expect }) => {
    const said = async (name: string, edit: Edit) => {
      const { stdout, stderr, log } = await runtime.run(await bundles.busybox(name, ['echo', 'ran'], edit))
      expect(stdout).toBe('ran\n')
      return stderr.length + log.length
    }
    await control('nothing is said where all capabilities exist', async () => {
      expect(await said('known-capabilities', withCapabilities(['CAP_CHOWN', 'CAP_KILL']))).toBe(0)
    })
    expect(await said('unknown-capability', unknown)).toBeGreaterThan(0)
  })

  test('capabilities that the caller does not have itself are no reason to fail', {
    covers: ['capabilities-ungrantable-no-failure'],
  }, async ({ bundles, runtime, control, expect }) => {
    const through = ['setpriv', '--bounding-set', '-net_raw', '--inh-caps', '-net_raw']
    await control('the caller can do without one', async () => {
      const mask = await printedThrough(through, "sed -n 's/^CapPrm:\\s*//p' /proc/self/status")
      expect(capabilitiesOfMask(mask)).toEqual(grantable().filter((name) => name !== 'CAP_NET_RAW'))
    })
    const bundle = await bundles.busybox(
      'ungrantable',
      reporting,
      withCapabilities(['CAP_KILL', 'CAP_NET_RAW']),
    )
    const { effective } = (await observeRun(runtime.called({ through }), bundle)).capabilities
    expect(effective).toEqual(['CAP_KILL'])
  })

  test('a process executed by words alone has the capabilities of the configuration', {
    covers: [],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const edit = combine(withCapabilities(sets), withNoNewPrivileges(false))
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping, edit))
    await container.start()
    const result = await container.exec(shell('cat /proc/$$/status'))
    expect(capabilitiesOfMask(/^CapBnd:\s*(\S+)/m.exec(result.stdout)?.[1] ?? '')).toEqual(granted)
    expect(capabilitiesOfMask(/^CapEff:\s*(\S+)/m.exec(result.stdout)?.[1] ?? '')).toEqual(granted)
  })
})
