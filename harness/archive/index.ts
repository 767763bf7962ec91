/**
 * Root file systems: finding, building and verifying archives, unpacking them, and the store that keeps each unpacked
 * once and gives out copies.
 */
export type { Archive, ArchiveResolver } from './archive.ts'
export type { ArchiveSource } from './archive-source.ts'
export type { FindBusyboxOptions } from './busybox/find-busybox.ts'
export { ArchiveCatalogue, type ArchiveCatalogueOptions, type ResolveOptions } from './catalogue.ts'
export * from './errors.ts'
export { type ArchiveLimits, defaultArchiveLimits } from './limits.ts'
export { loadCatalogue } from './load-catalogue.ts'
export { describeLoss, type Loss, type LossKind } from './losses.ts'
export { type ByteSource, type PlainBytesOptions, plainBytes } from './plain-bytes.ts'
export { removeTree } from './remove-tree.ts'
export { ArchiveStore, type ArchiveStoreOptions, type StoreWorkOptions } from './store.ts'
export type { StoredRootfs } from './stored-rootfs.ts'
export { type UnpackOptions, type UnpackReport, unpackArchive } from './unpack.ts'
