import { findDownloadedProgram } from './downloaded-programs.ts'
import { findProgram } from './find-program.ts'
import { inspectProgram, type ProgramReport } from './program-report.ts'

/**
 * Finds the program that a name or path means, among what is installed and what was downloaded: `runc` is the installed
 * one if that runs, else the newest download; `runc@1.3` is a download of that version; a path is taken as it is.
 *
 * @returns where it is and whether it runs; where none runs, why the installed one does not; undefined when there is none
 */
export async function locateProgram(nameOrPath: string): Promise<ProgramReport | undefined> {
  const installed = findProgram(nameOrPath)
  const report = installed === undefined ? undefined : inspectProgram(installed)
  if (report?.kind === 'runs') return report
  const downloaded = await findDownloadedProgram(nameOrPath)
  return downloaded?.report ?? report
}
