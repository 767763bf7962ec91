import { join } from 'node:path'
import type { Results } from './results.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Writes `results.json` into the output directory.
 *
 * @returns the file's path
 * @throws what the file system throws, such as ENOSPC or EACCES
 */
export async function writeResults(outputDirectory: string, results: Results): Promise<string> {
  const path = join(outputDirectory, 'results.json')
  await writeWhole(path, `${JSON.stringify(results, undefined, 2)}\n`)
  return path
}
