import { type Outcome, outcomes } from '../suite/index.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { isGreen, type Results } from './results.ts'

/** How many tests ended how, as one line: `61 pass, 2 fail, 1 skip`. Outcomes that did not occur are left out. */
export function countsLine(totals: Readonly<Record<Outcome, number>>, paint: Paint): string {
  const counted = outcomes.filter((outcome) => totals[outcome] > 0)
  if (counted.length === 0) return 'no test ran'
  return counted.map((outcome) => paint(outcome, `${totals[outcome]} ${outcome}`)).join(', ')
}

/** The last paragraph of a run: counts, time, share of the harness, what was left behind, what is missing. */
export function describeSummary(results: Results, paint: Paint): string {
  const { tests, planned, leaks, errors, totals, wallMs } = results
  const runtimeMs = sum(tests.map((test) => test.runtimeMs))
  const durationMs = sum(tests.map((test) => test.durationMs))
  const verdict = isGreen(results) ? paint('pass', 'green') : paint('fail', 'red')
  return [
    ...leaks.map(({ kind, what }) => paint('fail', `left behind: ${kind} ${printable(what)}`)),
    ...errors.map((error) => paint('broken', `outside any test: ${printable(error)}`)),
    ...(tests.length === planned
      ? []
      : [paint('broken', `${planned} tests were planned, ${tests.length} ran`)]),
    `${verdict}: ${countsLine(totals, paint)}`,
    paint(
      'faint',
      `${seconds(wallMs)} in all; ${seconds(runtimeMs)} inside the runtime, ${seconds(durationMs - runtimeMs)} in the harness`,
    ),
  ].join('\n')
}

/** The reasons of tests that were skipped, each once with the number of its tests. */
export function describeSkips(results: Results, paint: Paint): string {
  const reasons = new Map<string, number>()
  for (const { outcome, reason } of results.tests) {
    if (outcome === 'skip') reasons.set(reason ?? 'no reason', (reasons.get(reason ?? 'no reason') ?? 0) + 1)
  }
  return [...reasons]
    .map(([reason, count]) => paint('skip', `skipped ${count}: ${printable(reason)}`))
    .join('\n')
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`
}
