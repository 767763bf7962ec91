import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { discard, makeWorkingDirectory } from './aside.ts'
import { unless } from './file-error.ts'
import { refuseMounted } from './mounts.ts'
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
  refuseMounted(path)
  const workingDirectory = makeWorkingDirectory(places)
  const taken = await unless(['ENOENT'], () => rename(path, join(workingDirectory, name)))
  await discard(places, workingDirectory)
  return taken
}
