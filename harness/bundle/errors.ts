import { RunwrightError } from '../host/index.ts'
import type { Difference } from './difference.ts'
import { describeDifferences, shortened } from './difference-text.ts'

/** A name that no bundle or archive may have. Nothing was done. */
export class BundleNameError extends RunwrightError {
  override readonly code = 'BUNDLE_NAME'

  constructor(what: 'bundle' | 'archive', name: unknown, flaw: string) {
    super(`${shortened(name)} cannot be the name of ${what === 'archive' ? 'an' : 'a'} ${what}: ${flaw}`)
  }
}

/** The name is taken by a bundle with another definition, which was left as it is. */
export class BundleConflictError extends RunwrightError {
  override readonly code = 'BUNDLE_CONFLICT'
  /** The name that was asked for. */
  readonly bundle: string
  /** Every property that differs, with both values. */
  readonly differences: readonly Difference[]

  constructor(bundle: string, path: string, differences: readonly Difference[]) {
    super(
      `Bundle '${bundle}' (${path}) is registered with another definition:\n${describeDifferences(differences)}\n` +
        'Give one of them another name, or remove the registered one first',
    )
    this.bundle = bundle
    this.differences = differences
  }
}

/** A bundle could not be made; nothing is registered and nothing half-made is left. */
export class BundleBuildError extends RunwrightError {
  override readonly code = 'BUNDLE_BUILD'

  /** @param step what failed, as in `its rootfs could not be filled from archive 'busybox'`. */
  constructor(bundle: string, step: string, cause: unknown) {
    super(`Cannot make bundle '${bundle}': ${step}${reasonOf(cause)}`, { cause })
  }
}

/** A filter gave something that is not a configuration. */
export class BundleSpecError extends RunwrightError {
  override readonly code = 'BUNDLE_SPEC'

  constructor(bundle: string, flaw: string, options?: ErrorOptions) {
    super(`The configuration of bundle '${bundle}' cannot be used: ${flaw}`, options)
  }
}

/** No bundle of this name is registered. */
export class NoSuchBundleError extends RunwrightError {
  override readonly code = 'NO_SUCH_BUNDLE'

  constructor(bundle: string) {
    super(`No such bundle '${bundle}'`)
  }
}

/** Something is mounted on or below a directory that was to be removed; it was left alone. */
export class BundleMountedError extends RunwrightError {
  override readonly code = 'BUNDLE_MOUNTED'
  /** The mount points, deepest last. */
  readonly mountPoints: readonly string[]

  constructor(path: string, mountPoints: readonly string[]) {
    super(
      `${path} cannot be removed while something is mounted there: unmount ${mountPoints.join(', ')} first`,
    )
    this.mountPoints = mountPoints
  }
}

function reasonOf(cause: unknown): string {
  if (cause === undefined) return ''
  return `: ${cause instanceof Error ? cause.message : String(cause)}`
}
