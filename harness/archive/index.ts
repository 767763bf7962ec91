/**
 * Root file systems: finding, building and verifying archives, unpacking them, and the store that keeps each unpacked
 * once and gives out copies.
 */
export type { Archive, ArchiveResolver } from './archive.ts'
export * from './errors.ts'
export { type ArchiveLimits, defaultArchiveLimits } from './limits.ts'
export { describeLoss, type Loss, type LossKind } from './losses.ts'
export { removeTree } from './remove-tree.ts'
export {
  ArchiveStore,
  type ArchiveStoreOptions,
  type PopulateMode,
  type PopulateOptions,
  type StoreWorkOptions,
} from './store.ts'
export type { StoredRootfs } from './stored-rootfs.ts'
export { type UnpackOptions, type UnpackReport, unpackArchive } from './unpack.ts'
