import type { Mount } from '../schema/mounts.ts'
import { cleanPath, isAbsolutePath } from './absolute-path.ts'
import type { GardenBindMount } from './container.ts'
import { GardenMountError } from './errors.ts'
import type { GardenHost } from './host.ts'

/**
 * Mounts for a container's bind mounts, in the order given, read-only unless they say otherwise.
 *
 * @param kind What they are called in errors: `bind mount`, `network mount`.
 * @throws {GardenMountError} that says which of them is wrong, and how.
 */
export function bindMounts(
  kind: string,
  binds: readonly GardenBindMount[],
  host: Pick<GardenHost, 'exists'>,
): Mount[] {
  return binds.map((bind, position) => {
    const { source, destination, mode = 'ro' } = bind
    const problem = problemOf(bind, host)
    if (problem !== undefined) {
      throw new GardenMountError(`${problem} (${kind} ${position + 1}: '${source}' on '${destination}')`)
    }
    return {
      source: cleanPath(source),
      destination: cleanPath(destination),
      type: 'bind',
      options: ['bind', mode],
    }
  })
}

function problemOf(bind: GardenBindMount, host: Pick<GardenHost, 'exists'>): string | undefined {
  const { source, destination, origin = 'host', mode = 'ro' } = bind
  if (!source || !destination) return 'src and dst must not be empty'
  if (!isAbsolutePath(source) || !isAbsolutePath(destination)) return 'src and dst must be absolute'
  if (origin !== 'host') return `unknown bind mount origin ${origin}`
  if (mode !== 'ro' && mode !== 'rw') return `unknown bind mount mode ${mode}`
  if (cleanPath(destination) === '/') return 'dst must not be the root of the container'
  if (!host.exists(cleanPath(source))) return 'src does not exist on the host'
  return undefined
}
