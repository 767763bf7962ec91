import { type ExpectStatic, expect as vitestExpect, test as vitestTest } from 'vitest'
import { currentSession, defaultRuntime, LeakSentinel, LeaksLeftError } from '../guard/index.ts'
import type { BundlePath, Container, CreateOptions } from '../runtime/index.ts'
import { matchers } from '../suite/index.ts'

/**
 * vitest's `test` with what a test of a runtime needs.
 *
 * - `session`: the session that all workers of this vitest run share; everything they create belongs to it
 * - `bundles`: its registry: identical redefinitions are free, conflicting ones are refused
 * - `runtime`: a driver of the runtime under test (`RUNWRIGHT_RUNTIME`, or runc) that belongs to this test: it lists
 *   only what the test made, and all of that is removed after the test, however it ended; what is there nevertheless
 *   is a leak and fails the test
 * - `createContainer`: creates a container with that runtime
 *
 * @example
 * import { createBusyboxBundle } from 'runwright'
 * import { expect, test } from 'runwright/vitest'
 *
 * test('echo prints', async ({ runtime }) => {
 *   const bundle = await createBusyboxBundle('echo', ['echo', 'hello'])
 *   expect(await runtime.run(bundle)).toHavePrinted('hello\n')
 * })
 */
export const test = vitestTest
  .extend('session', { scope: 'worker' }, async () => await currentSession())
  .extend('bundles', { scope: 'worker' }, async ({ session }) => await session.bundles(defaultRuntime()))
  .extend(
    'sentinel',
    { scope: 'worker' },
    async ({ session }) => new LeakSentinel(session, { isAlone: false }),
  )
  .extend('runtime', async ({ session, sentinel, signal, task }, { onCleanup }) => {
    const idPrefix = session.nextPrefix()
    const runtime = await session.runtime(defaultRuntime(), { idPrefix, signal })
    const watch = sentinel.begin(task.name, idPrefix)
    onCleanup(async () => {
      await session.removeContainers(runtime)
      const leaks = await watch.end([runtime])
      await session.closeRuntime(runtime)
      if (leaks.length > 0) throw new LeaksLeftError(leaks)
    })
    return runtime
  })
  .extend(
    'createContainer',
    ({ runtime }) =>
      async (bundle: BundlePath, options?: CreateOptions): Promise<Container> =>
        await runtime.create(bundle, options),
  )

vitestExpect.extend(matchers)

/** vitest's `expect` with the matchers of the harness. */
export const expect: ExpectStatic = vitestExpect
