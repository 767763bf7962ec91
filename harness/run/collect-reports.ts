import type { Reporter, TestCase } from 'vitest/node'
import type { Evidence, TestReport } from '../suite/index.ts'

/** What the launcher of a run wants to hear of. */
export interface RunListener {
  started?(testId: string): void
  ended?(report: TestReport, evidence?: Evidence): void
}

/**
 * A vitest reporter that prints nothing: it takes the harness's own reports out of the tests' meta data, and
 * what went wrong outside any test.
 */
export class ReportCollector implements Reporter {
  readonly reports: TestReport[] = []
  readonly errors: string[] = []
  readonly #listener: RunListener

  constructor(listener: RunListener) {
    this.#listener = listener
  }

  onTestCaseReady(test: TestCase): void {
    const { runwrightTest: testId } = test.meta()
    if (testId !== undefined) this.#listener.started?.(testId)
  }

  onTestCaseResult(test: TestCase): void {
    const { runwright: report, runwrightEvidence: evidence } = test.meta()
    if (report === undefined) {
      // Of a cancelled run's tests those that never began are skipped by vitest; their number shows in the results.
      if (test.result().state === 'skipped') return
      this.errors.push(`'${test.fullName}' gave no report: ${reasonOf(test)}`)
      return
    }
    this.reports.push(report)
    this.#listener.ended?.(report, evidence)
  }

  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    for (const error of [...modules.flatMap((module) => module.errors()), ...unhandled]) {
      this.errors.push(error.stack ?? error.message)
    }
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  return result.errors?.map(({ message }) => message).join('; ') ?? `it is ${result.state}`
}
