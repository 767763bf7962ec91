/**
 * From outcomes to something people read: results.json, the one format every reporter starts from, and the
 * terminal, JUnit, TAP, Markdown and an HTML page. Reporters see the types of results.json and nothing else of a run.
 */

export { evidenceKey, writeArtifacts } from './artifacts/write-artifacts.ts'
export { type Cell, columns, indented, widthOf, wrap } from './columns.ts'
export { type Comparison, compareResults } from './comparison.ts'
export { describeComparison } from './comparison-text.ts'
export { durationsOf } from './durations.ts'
export { toldFrom } from './elsewhere.ts'
export { isReportFormat, type ReportFormatName, reportFormatNames, reportFormats } from './formats.ts'
export { mergeResults } from './merge-results.ts'
export { type Meaning, noPaint, type Paint, paintFor } from './paint.ts'
export { printable, printableLine } from './printable.ts'
export { liveProgress, type Progress, type ProgressOutput, plainProgress } from './progress.ts'
export { parseResults, ResultsError, readResults, resultsFileAt } from './read-results.ts'
export { deviationsText, recordFailures } from './record-failures.ts'
export {
  buildResults,
  isGreen,
  type LeakResult,
  type Results,
  type RunFacts,
  type RuntimeResult,
  resultsFormat,
} from './results.ts'
export { type KernelResults, resultsByKernel } from './results-by-kernel.ts'
export { type DiagnosticOptions, describeRun } from './run-text.ts'
export type { RequirementResult, Verdict } from './verdict.ts'
export { annotations, withoutWorkflowCommands } from './workflow-commands.ts'
export { writeReports } from './write-reports.ts'
export { writeResults } from './write-results.ts'
export { writeWhole } from './write-whole.ts'
