import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { discard, pathAside } from './aside.ts'
import { succeeds } from './file-error.ts'
import { refuseForeignMounts } from './mounts.ts'
import type { Places } from './places.ts'
import { isStamped } from './registration.ts'

/**
 * Removes a bundle: first its name, by a rename, then its files.
 *
 * @returns whether there was such a bundle.
 * @throws BundleMountedError when something is mounted in it.
 */
export async function withdraw(places: Places, name: string): Promise<boolean> {
  if (!isStamped(places, name)) return false
  const path = join(places.directory, name)
  refuseForeignMounts(path)
  const aside = pathAside(places, name)
  if (!succeeds(() => renameSync(path, aside), 'ENOENT')) return false
  await discard(places, aside)
  return true
}
