/**
 * From outcomes to something people read: results.json, the one format every reporter starts from, and the
 * terminal. Reporters see the types of results.json and nothing else of a run.
 */

export { noPaint, type Paint, paintFor } from './paint.ts'
export { printable, printableLine } from './printable.ts'
export { liveProgress, type Progress, type ProgressOutput, plainProgress } from './progress.ts'
export {
  buildResults,
  isGreen,
  type LeakResult,
  type Results,
  type RunFacts,
  type RuntimeResult,
  resultsSchema,
} from './results.ts'
export { type DiagnosticOptions, describeRun } from './run-text.ts'
export type { RequirementResult, Verdict } from './verdict.ts'
export { writeResults } from './write-results.ts'
