import type { Archive } from '../archive/index.ts'
import type { DeepReadonly, Spec } from '../spec/index.ts'

/** What makes a bundle the bundle it is. Two definitions under one name must be deeply equal. */
export interface Definition {
  /** Name in the registry, and of the directory. */
  readonly name: string
  /** Name of the archive the root file system comes from. */
  readonly source: string
  /** Digest of that archive's file, `sha256:<hex>`. */
  readonly archiveDigest: string
  /** Absolute path of the bundle's directory, with symbolic links resolved. */
  readonly path: string
  /** The configuration as the filter left it and as config.json holds it; frozen at every depth. */
  readonly spec: DeepReadonly<Spec>
}

/**
 * A registered bundle, frozen. Its directory holds `config.json`, `rootfs/` and `io/`, an empty place for fifos and
 * logs.
 */
export interface Bundle extends Definition {
  /** Absolute path of `rootfs/` (whatever the filter made of `root.path`). */
  readonly rootfs: string
}

/**
 * Edits a fresh copy of the reference spec, in which `process.args` and `process.terminal` are already set, or returns
 * another spec to be taken instead. It runs once for every call, also when the bundle exists, because only its result
 * tells whether the same bundle is meant: it has to make the same spec each time.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a filter that edits in place returns nothing at all
export type SpecFilter = (spec: Spec) => void | Spec | Promise<void | Spec>

/** Where a registry gets its root file systems from. */
export interface BundleArchives {
  /** Finds or makes the archive of this name. */
  resolve(name: string): Promise<Archive>
  /** Makes `destination`, which does not exist, a copy of the archive's root file system that may be written to. */
  populate(archive: Archive, destination: string): Promise<void>
}
