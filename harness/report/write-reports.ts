import { join } from 'node:path'
import type { Requirement } from '../suite/index.ts'
import { type ReportFormatName, reportFormats } from './formats.ts'
import type { Results } from './results.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Writes reports into the output directory, each to the file that its form is known by.
 *
 * @returns the files' paths
 * @throws what the file system throws, such as ENOSPC or EACCES
 */
export async function writeReports(
  outputDirectory: string,
  formats: readonly ReportFormatName[],
  results: Results,
  catalogue: ReadonlyMap<string, Requirement>,
): Promise<string[]> {
  return await Promise.all(
    formats.map(async (name) => {
      const { file, write } = reportFormats[name]
      const path = join(outputDirectory, file)
      await writeWhole(path, write(results, catalogue))
      return path
    }),
  )
}
