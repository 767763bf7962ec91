import { readMounts } from '../host/index.ts'
import { BundleMountedError } from './errors.ts'

/**
 * Refuses a directory that is a mount point or has mount points below it, in this process's mount namespace. (What a
 * container mounts in its own namespace is not seen and does not hinder.)
 *
 * @throws BundleMountedError, which names them.
 */
export function refuseMounted(path: string): void {
  const points = readMounts()
    .map(({ mountPoint }) => mountPoint)
    .filter((point) => point === path || point.startsWith(`${path}/`))
  if (points.length > 0) throw new BundleMountedError(path, points)
}
