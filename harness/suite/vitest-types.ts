// What the harness adds to vitest's own types. Imported for that alone, by the public face, so that it reaches every
// user's compiler.
import type {} from 'vitest'
import type { Evidence } from './evidence.ts'
import type { TestReport } from './test-report.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Id of the test, from its registration on. */
    runwrightTest?: string
    /** Report of the test, once it has ended. */
    runwright?: TestReport
    /** How to see it again, of a red test. */
    runwrightEvidence?: Evidence
  }
  interface Matchers {
    /** A finished run or process ended with this exit code; a signal counts as 128 + its number. */
    toHaveExited(code: number): void
    /** A finished run or process was ended by this signal. */
    toHaveBeenKilledBy(signal: NodeJS.Signals): void
    /** A finished run wrote exactly this text, or text that matches, to its standard output. */
    toHavePrinted(text: string | RegExp): void
    /** The runtime reports this status of the container. */
    toHaveStatus(status: string): Promise<void>
    /** The runtime reports the container as running, and its process is alive. */
    toBeRunning(): Promise<void>
    /** The runtime refuses what the promise stands for: its command ended by itself with an error. */
    toBeRefused(): Promise<void>
  }
}
