import type { TestReport } from '../suite/index.ts'
import { explanationOf } from './explanation.ts'
import { printable, printableLine } from './printable.ts'
import { againCommand, commandLines } from './repetition.ts'
import type { Results, RuntimeResult } from './results.ts'
import { runProblems } from './run-problems.ts'
import { type XmlElement, xmlDocument } from './xml.ts'

/**
 * JUnit XML: a `testsuite` for every suite on every runtime, and one for what concerns the run as a whole.
 *
 * The dialects of Ant, Surefire and Jenkins differ. What is written is the part on which they agree: no attributes on
 * the root, `properties`, `system-out` and `system-err` in every suite, one verdict a test case. `fail` is a failure,
 * `broken` an error, `skip` and `deviation` are skipped; that a deviation is `fixed` stands in the suite's output.
 */
export function junitReport(results: Results): string {
  const suites = results.runtimes.flatMap((runtime) => {
    const ofRuntime = results.tests.filter((test) => test.runtime === runtime.name)
    const names = [...new Set(ofRuntime.map(({ suite }) => suite))]
    return names.map((name) =>
      suiteOf(
        name,
        runtime,
        ofRuntime.filter(({ suite }) => suite === name),
        results,
      ),
    )
  })
  const all = [...suites, ...suiteOfRun(results)]
  return xmlDocument({
    name: 'testsuites',
    content: all.map((suite, position) => suiteElement(suite, position, results)),
  })
}

interface JunitSuite {
  readonly name: string
  readonly package: string
  /** Where it ran, where that is not the host of the run. */
  readonly host?: Results['host'] | undefined
  readonly properties: Readonly<Record<string, string | undefined>>
  readonly cases: readonly JunitCase[]
  readonly output: string
}

interface JunitCase {
  readonly name: string
  readonly className: string
  readonly durationMs: number
  readonly verdict?: {
    readonly kind: 'failure' | 'error' | 'skipped'
    readonly type: string
    readonly message: string
    readonly text: string
  }
}

function suiteOf(
  name: string,
  runtime: RuntimeResult,
  tests: readonly TestReport[],
  results: Results,
): JunitSuite {
  return {
    name: `${runtime.name}.${name}`,
    package: runtime.name,
    host: runtime.host,
    properties: { command: runtime.command, version: runtime.version, specVersion: runtime.specVersion },
    cases: tests.map((test) => caseOf(test, results)),
    output: tests
      .filter(({ outcome }) => outcome === 'fixed')
      .map(({ id, reason }) => `${id}: ${reason}`)
      .join('\n'),
  }
}

function caseOf(test: TestReport, results: Results): JunitCase {
  const { title, runtime, suite, durationMs } = test
  const verdict = verdictOf(test, results)
  return {
    name: title,
    className: `${runtime}.${suite}`,
    durationMs,
    ...(verdict === undefined ? {} : { verdict }),
  }
}

function verdictOf(test: TestReport, results: Results): JunitCase['verdict'] {
  const { outcome, reason = '', error, covers } = test
  const skipped = { kind: 'skipped', type: outcome, text: '' } as const
  if (outcome === 'skip') return { ...skipped, message: reason }
  if (outcome === 'deviation') return { ...skipped, message: `deviation: ${reason}` }
  if (outcome === 'pass' || outcome === 'fixed') return undefined
  const explanation = explanationOf(test)
  return {
    kind: outcome === 'fail' ? 'failure' : 'error',
    type: error?.name ?? outcome,
    message: printableLine(explanation, 300),
    text: [
      explanation,
      ...(covers.length === 0 ? [] : [`covers: ${covers.join(', ')}`]),
      `again: ${againCommand(test, results)}`,
      ...commandLines(test),
    ].join('\n'),
  }
}

/** What concerns no test must not make the file green. */
function suiteOfRun(results: Results): JunitSuite[] {
  const cases = runProblems(results).map(
    ({ title, detail }) =>
      ({
        name: title,
        className: 'run',
        durationMs: 0,
        verdict: { kind: 'error', type: 'run', message: printableLine(detail, 300), text: detail },
      }) as const,
  )
  // Jenkins' schema wants a property wherever there are properties.
  const properties = { runwright: results.runwright }
  return cases.length === 0 ? [] : [{ name: 'run', package: 'run', properties, cases, output: '' }]
}

function suiteElement(suite: JunitSuite, position: number, results: Results): XmlElement {
  const { name, cases, properties, output } = suite
  const { startedAt } = results
  const host = suite.host ?? results.host
  const count = (kind: string) => cases.filter(({ verdict }) => verdict?.kind === kind).length
  return {
    name: 'testsuite',
    attributes: {
      package: suite.package,
      id: position,
      name,
      timestamp: startedAt.slice(0, 'yyyy-mm-ddThh:mm:ss'.length),
      hostname: `${host.arch}-${host.kernel}`,
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: seconds(cases.reduce((total, { durationMs }) => total + durationMs, 0)),
    },
    content: [
      { name: 'properties', content: Object.entries(properties).flatMap(propertyElement) },
      ...cases.map(caseElement),
      { name: 'system-out', content: printable(output) },
      { name: 'system-err' },
    ],
  }
}

function propertyElement([name, value]: readonly [string, string | undefined]): XmlElement[] {
  return value === undefined || value === '' ? [] : [{ name: 'property', attributes: { name, value } }]
}

function caseElement({ name, className, durationMs, verdict }: JunitCase): XmlElement {
  const attributes = { name, classname: className, time: seconds(durationMs) }
  if (verdict === undefined) return { name: 'testcase', attributes }
  const { kind, type, message, text } = verdict
  return {
    name: 'testcase',
    attributes,
    content: [
      {
        name: kind,
        attributes: { type: kind === 'skipped' ? undefined : type, message },
        content: printable(text),
      },
    ],
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}
