import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Results } from './results.ts'

/**
 * Writes `results.json` into the output directory, aside and then renamed: a reader never sees half of it.
 *
 * @returns the file's path
 * @throws what the file system throws, such as ENOSPC or EACCES
 */
export async function writeResults(outputDirectory: string, results: Results): Promise<string> {
  await mkdir(outputDirectory, { recursive: true })
  const path = join(outputDirectory, 'results.json')
  const aside = `${path}.${process.pid}`
  await writeFile(aside, `${JSON.stringify(results, undefined, 2)}\n`)
  await rename(aside, path)
  return path
}
