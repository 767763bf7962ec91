import type { SerializedError } from 'vitest'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * A vitest reporter that ends a run with why tests were skipped, which vitest's own leave out, with what failed once more,
 * as of a long run often only the end is kept, and with `N passed, N failed, N skipped`, alone on a line, for machines.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const tests = modules.flatMap(testsOf)
    const count = (wanted: string) => tests.filter((test) => test.result().state === wanted).length
    // A file that could not be loaded, or an error outside any test, is a failure without a test to its name.
    const failedOutside = modules.filter((module) => module.errors().length > 0).length + unhandled.length
    for (const [reason, number] of reasonsOf(tests)) process.stdout.write(`skipped ${number}: ${reason}\n`)
    for (const words of failuresOf(modules, unhandled)) process.stdout.write(`failed: ${words}\n`)
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

/** A line of each failure: where it was, and what was said first. */
function* failuresOf(
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
): Generator<string> {
  for (const module of modules) {
    for (const error of module.errors()) yield `${module.relativeModuleId}: ${firstLine(error)}`
    for (const test of testsOf(module)) {
      const [error] = test.result().errors ?? []
      if (error !== undefined) yield `${module.relativeModuleId} > ${test.fullName}: ${firstLine(error)}`
    }
  }
  for (const error of unhandled) yield firstLine(error)
}

function firstLine({ message }: SerializedError): string {
  return message.split('\n', 1).join('')
}
