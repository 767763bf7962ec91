/**
 * The registry of bundles: defines a bundle by archive, arguments and filter, gives the same bundle for the same
 * definition, refuses another definition under the same name, and keeps half-made bundles out of everybody's sight,
 * in one process or many.
 */
export type {
  Bundle,
  BundleArchives,
  BundleOptions,
  Definition,
  OverlayPlaces,
  SpecFilter,
} from './bundle.ts'
export type { Difference } from './difference.ts'
export {
  BundleBuildError,
  BundleConflictError,
  BundleMountedError,
  BundleNameError,
  BundleSpecError,
  NoSuchBundleError,
} from './errors.ts'
export { BundleRegistry, type BundleRegistryOptions } from './registry.ts'
