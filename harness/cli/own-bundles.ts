import { join } from 'node:path'
import { ArchiveStore, loadCatalogue } from '../archive/index.ts'
import { BundleRegistry } from '../bundle/index.ts'
import { Session } from '../guard/index.ts'
import { homeDirectories, RunwrightError } from '../host/index.ts'
import { referenceSpecOf } from '../runtime/index.ts'
import type { Spec } from '../spec/index.ts'

/** Bundles that belong to no run, and last until they are removed. */
export interface OwnBundles extends AsyncDisposable {
  readonly bundles: BundleRegistry
}

/** A bundle was to be made where bundles are only looked at. */
class NoReferenceSpecError extends RunwrightError {
  override readonly code = 'NO_REFERENCE_SPEC'
}

/** The user's bundles, to look at or remove. */
export async function openBundles(): Promise<BundleRegistry> {
  return await registry(async () => {
    throw new NoReferenceSpecError('no runtime was named that a new bundle could get its configuration from')
  })
}

/**
 * The user's bundles, to make some as well.
 *
 * @param runtime whose reference spec they start from: a profile's name or a path
 */
export async function openBundlesFor(runtime: string): Promise<OwnBundles> {
  const session = await Session.open()
  const directory = join(homeDirectories().archives, 'reference-specs')
  const rootless = process.geteuid?.() !== 0
  return {
    bundles: await registry(async () => {
      return (await referenceSpecOf(await session.runtime(runtime), { directory, rootless })).spec
    }),
    [Symbol.asyncDispose]: async () => {
      await session.close()
    },
  }
}

async function registry(referenceSpec: () => Promise<Spec>): Promise<BundleRegistry> {
  const { archives, bundles } = homeDirectories()
  const catalogue = await loadCatalogue({ directory: archives })
  const store = new ArchiveStore({ directory: join(archives, 'unpacked'), catalogue })
  return new BundleRegistry({ directory: bundles, archives: store, referenceSpec })
}
