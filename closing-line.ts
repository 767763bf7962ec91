import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * A vitest reporter that ends a run with why tests were skipped, which vitest's own leave out, and with
 * `N passed, N failed, N skipped`, alone on a line, for machines to read.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const tests = modules.flatMap(testsOf)
    const count = (wanted: string) => tests.filter((test) => test.result().state === wanted).length
    // A file that could not be loaded, or an error outside any test, is a failure without a test to its name.
    const failedOutside = modules.filter((module) => module.errors().length > 0).length + unhandled.length
    for (const [reason, number] of reasonsOf(tests)) process.stdout.write(`skipped ${number}: ${reason}\n`)
    process.stdout.write(
      `\n${count('passed')} passed, ${count('failed') + failedOutside} failed, ${count('skipped')} skipped\n`,
    )
  }
}

function testsOf(module: TestModule): TestCase[] {
  return [...module.children.allTests()]
}

function reasonsOf(tests: readonly TestCase[]): ReadonlyMap<string, number> {
  const reasons = new Map<string, number>()
  for (const test of tests) {
    const result = test.result()
    if (result.state !== 'skipped') continue
    const reason = result.note ?? 'no reason was given'
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return reasons
}
