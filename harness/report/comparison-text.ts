import type { Requirement } from '../suite/index.ts'
import { columns, indented, wrap } from './columns.ts'
import type { ChangedTest, ChangedTime, Comparison, LoneTest } from './comparison.ts'
import { explanationOf } from './explanation.ts'
import type { TextStyle } from './failure.ts'
import { printable } from './printable.ts'

const shownLines = 8

/** What is different, worst first; `no difference` where there is none. */
export function describeComparison(
  { regressions, fixes, changes, added, gone, times }: Comparison,
  catalogue: ReadonlyMap<string, Requirement>,
  style: TextStyle,
): string {
  const told = [
    ...regressions.map((change) => regression(change, catalogue, style)),
    section('Fixed', fixes.map(outcomeRow), style),
    section('Ended otherwise', changes.map(outcomeRow), style),
    section('New', added.map(loneRow), style),
    section('Gone', gone.map(loneRow), style),
    section('Took longer or shorter', [...times].sort(byChange).map(timeRow), style),
  ].filter((text) => text !== '')
  const counts = [
    [regressions.length, 'regressed'],
    [fixes.length, 'fixed'],
    [changes.length, 'ended otherwise'],
    [added.length, 'new'],
    [gone.length, 'gone'],
  ] as const
  const line = counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ')
  const verdict = style.paint(regressions.length > 0 ? 'fail' : 'pass', line === '' ? 'no difference' : line)
  return [...told, verdict].join('\n\n')
}

function regression(
  change: ChangedTest,
  catalogue: ReadonlyMap<string, Requirement>,
  { paint, width }: TextStyle,
): string {
  const { id, title, runtime, before, after, covers } = change
  const requirements = covers.flatMap((name) => {
    const requirement = catalogue.get(name)
    return requirement === undefined ? [] : wrap(`${requirement.level}: ${requirement.statement}`, width - 2)
  })
  const explanation = printable(explanationOf(change)).split('\n').slice(0, shownLines)
  return [
    `${paint('fail', 'REGRESSION')}  ${paint('strong', id)}  (${runtime}, ${before} before, ${after} now)`,
    ...[title, ...requirements].map((line) => `  ${line}`),
    ...explanation.map((line) => `    ${line}`),
  ].join('\n')
}

function outcomeRow({ id, runtime, before, after }: ChangedTest): string[] {
  return [runtime, `${before} → ${after}`, id]
}

function loneRow({ id, runtime, outcome }: LoneTest): string[] {
  return [runtime, outcome, id]
}

function timeRow({ id, runtime, beforeMs, afterMs }: ChangedTime): string[] {
  return [runtime, `${beforeMs.toFixed(0)} → ${afterMs.toFixed(0)} ms`, id]
}

function byChange(one: ChangedTime, other: ChangedTime): number {
  return other.afterMs - other.beforeMs - (one.afterMs - one.beforeMs)
}

function section(title: string, rows: readonly (readonly string[])[], { paint, width }: TextStyle): string {
  if (rows.length === 0) return ''
  const cells = rows.map((row) => row.map((text) => ({ text })))
  return `${paint('strong', title)}\n${indented(columns(cells, width - 2), '  ')}`
}
