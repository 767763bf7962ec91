import type { RuntimeResult } from './results.ts'

/** A runtime with its version, and with its kernel where it ran on several: `runc 1.1.5 on 6.1.0-56-amd64`. */
export function runtimeTitle({ name, version, given, host }: RuntimeResult): string {
  const kernel = host === undefined ? undefined : `on ${host.kernel}`
  return [given?.runtime ?? name, version, kernel].filter((word) => word !== undefined).join(' ')
}
