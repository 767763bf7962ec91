import type { Requirement } from '../suite/index.ts'
import { htmlReport } from './html/page.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { noPaint } from './paint.ts'
import type { Results } from './results.ts'
import { describeRun } from './run-text.ts'
import { tapReport } from './tap.ts'

interface ReportFormat {
  /** Name of the file that such a report goes to, beside results.json. */
  readonly file: string
  write(results: Results, catalogue: ReadonlyMap<string, Requirement>): string
}

/** Every form that results can be given, by its name on the command line. */
export const reportFormats = {
  text: {
    file: 'report.txt',
    write: (results, catalogue) =>
      `${describeRun(results, catalogue, { paint: noPaint, width: Number.POSITIVE_INFINITY, verbose: true })}\n`,
  },
  junit: { file: 'junit.xml', write: junitReport },
  tap: { file: 'results.tap', write: tapReport },
  markdown: { file: 'summary.md', write: markdownReport },
  html: { file: 'report.html', write: htmlReport },
} as const satisfies Readonly<Record<string, ReportFormat>>

/** The name of a form of report. */
export type ReportFormatName = keyof typeof reportFormats

/** The names of all forms. */
export const reportFormatNames = Object.keys(reportFormats).filter(isReportFormat)

/** Whether a word names a form of report. */
export function isReportFormat(name: string): name is ReportFormatName {
  return Object.hasOwn(reportFormats, name)
}
