import { combine, type Edit, withLinux, withoutValue, withValue } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { expectFaultRefused } from './acceptance.ts'
import { printedThrough } from './callers.ts'
import { observeExecuted, observeRun, reporting } from './inside.ts'
import { shell, sleeping } from './programs.ts'

/** PER_LINUX and PER_LINUX32, personality(2). */
const linux = 0
const linux32 = 8

const with32 = withLinux({ personality: { domain: 'LINUX32' } })

/** What makes the caller's own personality another than that of most processes. */
const through = ['setarch', 'linux32']

const faults: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'without a domain': {
    covers: 'personality-domain-required',
    fault: withoutValue('linux.personality.domain'),
  },
  'of a domain that does not exist': {
    covers: 'personality-domain-required',
    fault: withValue('linux.personality.domain', 'LINUX64'),
  },
  'of a domain in lower case': {
    covers: 'personality-domain-required',
    fault: withValue('linux.personality.domain', 'linux32'),
  },
  'with a flag that does not exist': {
    covers: 'personality-flags-optional',
    fault: withValue('linux.personality.flags', ['ADDR_NO_SUCH_THING']),
  },
}

export const personality = suite('personality', ({ test }) => {
  test('the program has the execution domain LINUX32 where that is configured', {
    covers: ['personality-domain-required'],
    needs: ['runtime:host-kernel'],
  }, async ({ observe, expect }) => {
    expect((await observe('linux32', with32)).personality).toBe(linux32)
  })

  test('the program has the execution domain LINUX where that is configured, whatever that of the caller', {
    covers: ['personality-domain-required'],
    needs: ['runtime:host-kernel'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('the caller has another execution domain', async () => {
      expect(Number.parseInt(await printedThrough(through, 'cat /proc/self/personality'), 16)).toBe(linux32)
    })
    const bundle = await bundles.busybox('linux', reporting, withLinux({ personality: { domain: 'LINUX' } }))
    expect((await observeRun(runtime.called({ through }), bundle)).personality).toBe(linux)
  })

  test('a program of the domain LINUX32 is told another machine than one of the domain LINUX', {
    covers: ['personality-domain-required'],
  }, async ({ bundles, runtime, control, expect }) => {
    const machine = async (name: string, edit: Edit) =>
      (await runtime.run(await bundles.busybox(name, shell('uname -m'), edit))).stdout.trim()
    const expected = await control('the host makes a difference between the two', async () => {
      const word = await printedThrough(through, 'uname -m')
      expect(word).not.toBe(await machine('machine', withLinux({ personality: { domain: 'LINUX' } })))
      return word
    })
    expect(await machine('machine-32', with32)).toBe(expected)
  })

  test('without a personality the program has that of the caller', {
    covers: ['personality-optional'],
    needs: ['runtime:host-kernel'],
  }, async ({ observe, expect }) => {
    expect((await observe('unset', withoutValue('linux.personality'))).personality).toBe(linux)
  })

  test('an empty list of personality flags is accepted', {
    covers: ['personality-flags-optional'],
    needs: ['runtime:host-kernel'],
  }, async ({ observe, expect }) => {
    const edit = combine(with32, withValue('linux.personality.flags', []))
    expect((await observe('no-flags', edit)).personality).toBe(linux32)
  })

  for (const [description, { covers, fault }] of Object.entries(faults)) {
    test(`a personality ${description} is refused`, { covers: [covers] }, async (context) => {
      await expectFaultRefused(context, description, fault, with32)
    })
  }

  test('an executed process has the personality of its container', {
    covers: [],
    needs: ['runtime:host-kernel', 'runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping, with32))
    await container.start()
    expect((await observeExecuted(container, {})).personality).toBe(linux32)
  })
})
