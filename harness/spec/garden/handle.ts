import { GardenHandleError } from './errors.ts'

/** HOST_NAME_MAX: the longest name sethostname(2) takes, in bytes. */
const longestHostname = 64

/** What every runtime takes for a container id. */
const containerId = /^[A-Za-z0-9_+.-]+$/

/**
 * Checks that a handle can be what it is used for: container id, host name and name of a cgroup.
 *
 * @throws {GardenHandleError} when it is empty, too long, or has characters an id cannot have.
 */
export function checkHandle(handle: string): void {
  if (!handle) throw new GardenHandleError('handle must be specified')
  if (!containerId.test(handle) || handle === '.' || handle === '..') {
    throw new GardenHandleError(
      `handle '${handle}' cannot be a container id: use letters, digits, '_', '+', '.' and '-', and neither '.' nor '..'`,
    )
  }
  if (handle.length > longestHostname) {
    throw new GardenHandleError(
      `handle '${handle}' cannot be a host name: it has ${handle.length} characters, ${longestHostname} are allowed`,
    )
  }
}
