import { GardenPrivilegeError } from './errors.ts'

/**
 * What "privileged" means on a host: everything (`full`), nothing more than unprivileged (`ignore`), or just enough to
 * mount FUSE file systems (`fuse-only`).
 */
export const privilegedModes = ['full', 'ignore', 'fuse-only'] as const

export type PrivilegedMode = (typeof privilegedModes)[number]

/** How far a container is trusted. */
export type Privilege =
  | { readonly kind: 'unprivileged' }
  | { readonly kind: 'privileged'; readonly mode: PrivilegedMode }

/**
 * Reads a privileged mode as an operator writes it, in any case.
 *
 * @throws {GardenPrivilegeError} when it is none of {@link privilegedModes}.
 */
export function parsePrivilegedMode(text: string): PrivilegedMode {
  const mode = privilegedModes.find((known) => known === text.toLowerCase())
  if (mode === undefined) {
    throw new GardenPrivilegeError(`unsupported value for PrivilegedMode: ${text}`)
  }
  return mode
}
