import { RunwrightError } from '../host/index.ts'

/** vitest is not installed beside this package. */
class NoTestRunnerError extends RunwrightError {
  override readonly code = 'NO_TEST_RUNNER'
}

/** @throws NoTestRunnerError where vitest, which is a peer and may have been left out, cannot be loaded */
export function requireTestRunner(): void {
  try {
    import.meta.resolve('vitest/node')
  } catch (cause) {
    throw new NoTestRunnerError(
      "suites of your own are loaded by vitest, which is not installed beside Runwright: 'npm install --save-dev vitest'",
      { cause },
    )
  }
}
