import type { Results } from './results.ts'

/** Something that makes a run red although no test is to blame. */
export interface RunProblem {
  readonly title: string
  readonly detail: string
}

/** What was left behind, what went wrong outside any test, and which tests are missing. */
export function runProblems({ leaks, errors, tests, planned }: Results): RunProblem[] {
  return [
    ...leaks.map(({ kind, what, test }) => ({
      title: 'left behind',
      detail: `${kind} ${what}${test === undefined ? '' : `, by ${test}`}`,
    })),
    ...errors.map((error) => ({ title: 'outside any test', detail: error })),
    ...(tests.length === planned
      ? []
      : [{ title: 'not every test ran', detail: `${planned} tests were planned, ${tests.length} ran` }]),
  ]
}
