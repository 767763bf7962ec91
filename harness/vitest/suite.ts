import { test } from 'vitest'
import { currentSession, defaultRuntime } from '../guard/index.ts'
import {
  type DeclareTest,
  suite as declareSuite,
  describeRuntime,
  openEnvironment,
  registerSuites,
} from '../suite/index.ts'

/**
 * Declares a suite in the way of the shipped ones and registers it at once: its tests name their needs, are given
 * `control` for positive controls, and know `broken` beside failed. One that `runwright run --suites` is to run as well is
 * declared with `suite` of `runwright`, and registered by `defineSuites`.
 *
 * @example
 * import { suite } from 'runwright/vitest'
 *
 * suite('hostname', ({ test }) => {
 *   test('the container sees its host name', async ({ bundles, runtime, expect }) => {
 *     const bundle = await bundles.busybox('named', ['hostname'], (spec) => { spec.hostname = 'proving-ground' })
 *     expect(await runtime.run(bundle)).toHavePrinted('proving-ground\n')
 *   })
 * })
 *
 * @throws TestDeclarationError
 */
export function suite(name: string, declare: (declarations: { readonly test: DeclareTest }) => void): void {
  registerSuites(test, [declareSuite(name, declare)], openOwnEnvironment)
}

async function openOwnEnvironment() {
  const session = await currentSession()
  const runtime = await describeRuntime(session, defaultRuntime())
  return await openEnvironment({ session, runtime, deviations: [], catalogue: new Map() })
}
