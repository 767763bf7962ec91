import type { Bundle } from '../harness/bundle/index.ts'
import { combine, type Edit } from '../harness/spec/index.ts'
import type { TestContext } from '../harness/suite/index.ts'
import { sleeping } from './programs.ts'

/** Creates and starts a container: the specification leaves open at which of the two steps a bad value is found. */
export async function createAndStart({ runtime }: TestContext, bundle: Bundle): Promise<void> {
  const container = await runtime.create(bundle)
  await container.start()
}

/**
 * Shows that a configuration is accepted as it is and refused with a fault in it.
 *
 * @param name names the bundles; unique in the suite
 * @param fault is made in the configuration that `sound` gives
 */
export async function expectFaultRefused(
  context: TestContext,
  name: string,
  fault: Edit,
  sound: Edit = combine(),
): Promise<void> {
  const { bundles, control, expect } = context
  const bundle = (kind: string, filter: Edit) => bundles.busybox(kebab(`${name} ${kind}`), sleeping, filter)
  await control('the configuration is accepted without the fault', async () =>
    createAndStart(context, await bundle('sound', sound)),
  )
  await expect(createAndStart(context, await bundle('faulty', combine(sound, fault)))).toBeRefused()
}

/** A sentence as the name of a bundle. */
function kebab(sentence: string): string {
  return sentence.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
