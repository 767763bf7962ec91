import type { Reporter, TestModule } from 'vitest/node'

/** A vitest reporter that ends a run with `N passed, N failed, N skipped`, alone on a line, for machines to read. */
export class ClosingLine implements Reporter {
  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const states = modules.flatMap(statesOf)
    const count = (wanted: string) => states.filter((state) => state === wanted).length
    // A file that could not be loaded, or an error outside any test, is a failure without a test to its name.
    const failedOutside = modules.filter((module) => module.errors().length > 0).length + unhandled.length
    process.stdout.write(
      `\n${count('passed')} passed, ${count('failed') + failedOutside} failed, ${count('skipped')} skipped\n`,
    )
  }
}

function statesOf(module: TestModule): string[] {
  return [...module.children.allTests()].map((test) => test.result().state)
}
