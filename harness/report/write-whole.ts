import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file aside and renames it into place: a reader never sees half of it. Makes its directory if need be.
 *
 * @throws what the file system throws, such as ENOSPC or EACCES
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const aside = `${path}.${process.pid}`
  await writeFile(aside, text)
  await rename(aside, path)
}
