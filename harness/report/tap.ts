import type { TestReport } from '../suite/index.ts'
import { embeddedJson } from './embedded-json.ts'
import { explanationOf } from './explanation.ts'
import { printable, printableLine } from './printable.ts'
import { againCommand, commandLines } from './repetition.ts'
import type { Results } from './results.ts'
import { runProblems } from './run-problems.ts'

/**
 * TAP 14: a test point for every test, and one for everything that makes the run red beside them. A deviation is a
 * TODO that is not ok, a fixed one a TODO that is; https://testanything.org/tap-version-14-specification.html.
 */
export function tapReport(results: Results): string {
  const points = [
    ...results.tests.map((test) => pointOf(test, results)),
    ...runProblems(results).map(
      ({ title, detail }): TapPoint => ({ ok: false, description: title, diagnostics: { message: detail } }),
    ),
  ]
  const lines = points.flatMap((point, position) => pointLines(point, position + 1))
  return `${['TAP version 14', `1..${points.length}`, ...lines].join('\n')}\n`
}

interface TapPoint {
  readonly ok: boolean
  readonly description: string
  readonly directive?: `${'SKIP' | 'TODO'} ${string}`
  readonly diagnostics?: Readonly<Record<string, unknown>>
}

function pointOf(test: TestReport, results: Results): TapPoint {
  const { id, runtime, outcome, reason = '', durationMs } = test
  const description = `${runtime} ${id}`
  const about = { outcome, duration_ms: Math.round(durationMs) }
  switch (outcome) {
    case 'pass':
      return { ok: true, description }
    case 'fixed':
      return { ok: true, description, directive: `TODO fixed: ${reason}` }
    case 'skip':
      return { ok: true, description, directive: `SKIP ${reason}` }
    case 'deviation':
      return { ok: false, description, directive: `TODO deviation: ${reason}` }
    default:
      return { ok: false, description, diagnostics: { ...about, ...diagnosticsOf(test, results) } }
  }
}

function diagnosticsOf(test: TestReport, results: Results): Readonly<Record<string, unknown>> {
  const { covers, error } = test
  return {
    message: explanationOf(test),
    covers,
    ...(error?.expected === undefined ? {} : { expected: error.expected }),
    ...(error?.actual === undefined ? {} : { actual: error.actual }),
    again: againCommand(test, results),
    commands: commandLines(test),
  }
}

function pointLines({ ok, description, directive, diagnostics = {} }: TapPoint, number: number): string[] {
  const suffix = directive === undefined ? '' : ` # ${escaped(directive)}`
  const point = `${ok ? 'ok' : 'not ok'} ${number} - ${escaped(description)}${suffix}`
  const entries = Object.entries(diagnostics)
  if (entries.length === 0) return [point]
  // JSON is YAML: nothing that a test says can break out of it.
  const yaml = entries.map(([key, value]) => `  ${key}: ${embeddedJson(clean(value))}`)
  return [point, '  ---', ...yaml, '  ...']
}

/** On one line, and free of what would begin a directive. */
function escaped(text: string): string {
  return printableLine(text, Number.POSITIVE_INFINITY).replace(/[\\#]/g, '\\$&')
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  return Array.isArray(value) ? value.map(clean) : value
}
