import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { ArchiveStore, loadCatalogue } from '../archive/index.ts'
import { BundleRegistry } from '../bundle/index.ts'
import { homeDirectories } from '../host/index.ts'
import { type ResolvedRuntime, type Runtime, referenceSpecOf } from '../runtime/index.ts'
import { SharedRootfs } from './shared-rootfs.ts'

/** The runtime that tests run on unless they name one: `RUNWRIGHT_RUNTIME`, a profile's name or a path; else runc. */
export function defaultRuntime(): string {
  const named = process.env['RUNWRIGHT_RUNTIME']
  return named === undefined || named === '' ? 'runc' : named
}

/**
 * The name of the directory with the bundles made for a runtime: bundles of two runtimes start from different
 * reference specs, so the same definition is not the same bundle.
 */
export function registryName({ command, prefix, arguments: words }: ResolvedRuntime): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([command, prefix, words]))
    .digest('hex')
  return `${basename(command)}-${digest.slice(0, 8)}`
}

/**
 * The registry of a session's bundles for one runtime, from the archives of this user.
 *
 * @param sessionDirectory of the session, which holds the root file systems that its bundles share
 * @param directory of the bundles
 * @param openRuntime gives a driver of the runtime, to ask it for its reference spec
 */
export async function openRegistry(
  sessionDirectory: string,
  directory: string,
  openRuntime: () => Promise<Runtime>,
): Promise<BundleRegistry> {
  const { archives } = homeDirectories()
  const catalogue = await loadCatalogue({ directory: archives })
  const options = { directory: join(archives, 'reference-specs'), rootless: process.geteuid?.() !== 0 }
  const store = new ArchiveStore({ directory: join(archives, 'unpacked'), catalogue })
  const shared = new SharedRootfs(sessionDirectory, store)
  return new BundleRegistry({
    directory,
    archives: {
      resolve: (name) => store.resolve(name),
      populate: (archive, destination) => store.populate(archive, destination),
      shared: (archive) => shared.of(archive),
    },
    referenceSpec: async () => (await referenceSpecOf(await openRuntime(), options)).spec,
  })
}
