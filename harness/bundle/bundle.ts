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
  /**
   * The configuration as config.json holds it: as the filter left it, but that `root.path` is absolute where the root
   * file system is shared. Frozen at every depth.
   */
  readonly spec: DeepReadonly<Spec>
  /**
   * Absolute path of the root file system. In the bundle's directory it is for this bundle alone; elsewhere it is shared
   * by bundles that only read it, and cannot be written to.
   */
  readonly rootfs: string
  /** Present when it was asked that the root file system be a copy and no overlay. */
  readonly isCopied?: true
}

/**
 * A registered bundle, frozen. Its directory holds `config.json`, `io/`, an empty place for fifos and logs, and
 * `rootfs/` unless it shares one.
 */
export type Bundle = Definition

/** What can be asked for beside a bundle's configuration. */
export interface BundleOptions {
  /**
   * `private` asks for a root file system that can be written to and that no other bundle has. Without it, a bundle
   * whose configuration shows that it only reads its root file system shares one. `copied` asks for a private one that
   * is a copy of the archive's, and never an overlay of it.
   */
  readonly rootfs?: 'private' | 'copied'
}

/**
 * Edits a fresh copy of the reference spec, in which `process.args` and `process.terminal` are already set, or returns
 * another spec to be taken instead. It runs once for every call, also when the bundle exists, because only its result
 * tells whether the same bundle is meant: it has to make the same spec each time.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a filter that edits in place returns nothing at all
export type SpecFilter = (spec: Spec) => void | Spec | Promise<void | Spec>

/** Where in a bundle an overlay is made. Neither directory exists yet. */
export interface OverlayPlaces {
  /** What is mounted over. */
  readonly rootfs: string
  /** For what is written to the root file system. */
  readonly layers: string
}

/** Where a registry gets its root file systems from. */
export interface BundleArchives {
  /** Finds or makes the archive of this name. */
  resolve(name: string): Promise<Archive>
  /** Makes `destination`, which does not exist, a copy of the archive's root file system that may be written to. */
  populate(archive: Archive, destination: string): Promise<void>
  /**
   * Makes a bundle's root file system without copying it: mounts an overlay of the archive's, whose source is called
   * `runwright`. The registry unmounts it when it removes the bundle.
   *
   * @returns false where that cannot be done or does not pay: nothing is left then, and it has to be copied
   */
  overlay?(archive: Archive, places: OverlayPlaces): Promise<boolean>
  /** The archive's root file system where nobody can write to it, as an absolute path; undefined where there is none. */
  shared?(archive: Archive): Promise<string | undefined>
}
