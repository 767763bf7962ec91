import { RunwrightError } from '../host/index.ts'
import { endOfReport, reportMark, type Section } from './inside-script.ts'

/** A script inside a container did not report, or not to its end, or not on what was asked for. */
export class NoReportError extends RunwrightError {
  override readonly code = 'NO_REPORT'
}

/** How much of what came in place of a report is shown. */
const shownCharacters = 500

/**
 * Takes a report of `insideScript` apart. Lines that are none of the report's are passed over, and so are the
 * carriage returns of a terminal.
 *
 * @param text what the process printed
 * @returns what each section holds
 * @throws NoReportError when the last line of the report is missing
 */
export function readReport(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [mark, name, content = ''] = line.split(' ')
    if (mark !== reportMark || name === undefined) continue
    if (name === endOfReport) return found
    found.set(name, Buffer.from(content, 'base64').toString('utf8'))
  }
  throw new NoReportError(
    `the script inside the container did not report to its end; it printed ${JSON.stringify(text.slice(0, shownCharacters))}`,
  )
}

/** A section that must hold something, such as a file of /proc that is never empty. */
export function sectionOf(report: ReadonlyMap<string, string>, name: Section): string {
  const text = report.get(name)
  if (text === undefined || text === '') {
    throw new NoReportError(`the script inside the container could report no '${name}'`)
  }
  return text
}
