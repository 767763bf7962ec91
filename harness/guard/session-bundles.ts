import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { ArchiveStore, loadCatalogue } from '../archive/index.ts'
import { BundleRegistry } from '../bundle/index.ts'
import { homeDirectories } from '../host/index.ts'
import { type ResolvedRuntime, type Runtime, referenceSpecOf } from '../runtime/index.ts'
import { RootfsOverlays } from './rootfs-overlays.ts'
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

/** What a registry of a session is opened with. */
export interface RegistryPlan {
  /** Of the session, which holds the root file systems that its bundles share. */
  readonly sessionDirectory: string
  /** Of all its bundles; exists, as a real path. */
  readonly bundlesDirectory: string
  /** The registry's name there. */
  readonly name: string
  /** What the runtime prints for `--version`, where it does. */
  readonly version: string | undefined
  /** How private root file systems are made. */
  readonly privateRootfs: PrivateRootfs
  /** Gives a driver of the runtime, to ask it for its reference spec. */
  readonly openRuntime: () => Promise<Runtime>
}

/** How private root file systems are made: always by a copy, or by an overlay where that can be done and pays. */
export type PrivateRootfs = 'copied' | 'overlaid'

/** The registry of a session's bundles for one runtime, from the archives of this user. */
export async function openRegistry({
  sessionDirectory,
  bundlesDirectory,
  name,
  version,
  privateRootfs,
  openRuntime,
}: RegistryPlan): Promise<BundleRegistry> {
  const { archives } = homeDirectories()
  const catalogue = await loadCatalogue({ directory: archives })
  const options = { directory: join(archives, 'reference-specs'), rootless: process.geteuid?.() !== 0 }
  const store = new ArchiveStore({ directory: join(archives, 'unpacked'), catalogue })
  const shared = new SharedRootfs(sessionDirectory, store)
  const overlays = new RootfsOverlays(bundlesDirectory, store)
  return new BundleRegistry({
    directory: join(bundlesDirectory, name),
    archives: {
      resolve: (archive) => store.resolve(archive),
      populate: (archive, destination) => store.populate(archive, destination),
      shared: (archive) => shared.of(archive),
      overlay: async (archive, places) =>
        privateRootfs === 'overlaid' && (await overlays.mount(archive, places)),
    },
    referenceSpec: async () => (await referenceSpecOf(await openRuntime(), { ...options, version })).spec,
  })
}
