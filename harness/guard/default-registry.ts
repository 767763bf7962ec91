import type { Bundle, BundleOptions, BundleRegistry, SpecFilter } from '../bundle/index.ts'
import { currentSession } from './current-session.ts'

async function defaultRegistry(): Promise<BundleRegistry> {
  return await (await currentSession()).bundles()
}

/**
 * Gives the bundle of this name, and makes it if there is none: the root file system of an archive, and the reference
 * spec of the default runtime (`RUNWRIGHT_RUNTIME`, or runc) with these arguments, edited by the filter. It belongs to
 * the current session; see `BundleRegistry.createBundleWithFilter`, which says what it throws.
 *
 * @param source name of an archive
 * @param args command and arguments
 * @param options whether it must have a root file system of its own, which can be written to
 */
export async function createBundleWithFilter(
  source: string,
  name: string,
  args: readonly string[],
  filter?: SpecFilter,
  options?: BundleOptions,
): Promise<Bundle> {
  return await (await defaultRegistry()).createBundleWithFilter(source, name, args, filter, options)
}

/** `createBundleWithFilter` from the archive `busybox`. */
export async function createBusyboxBundle(
  name: string,
  args: readonly string[],
  filter?: SpecFilter,
  options?: BundleOptions,
): Promise<Bundle> {
  return await (await defaultRegistry()).createBusyboxBundle(name, args, filter, options)
}

/** Finds a bundle of the current session, whichever of its processes made it; undefined when there is none. */
export async function getBundle(name: string): Promise<Bundle | undefined> {
  return await (await defaultRegistry()).getBundle(name)
}
