import { isRed, type Requirement } from '../suite/index.ts'
import { describeFailure, type TextStyle } from './failure.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import type { Results } from './results.ts'
import { describeSkips, describeSummary } from './summary.ts'

/** How much the text of a run goes into. */
export interface DiagnosticOptions {
  /** Also why tests were skipped, and which deviations showed. */
  readonly verbose: boolean
}

/** The text a person reads at the end of a run: failures first, the counts last. */
export function describeRun(
  results: Results,
  catalogue: ReadonlyMap<string, Requirement>,
  { verbose, ...style }: DiagnosticOptions & TextStyle,
): string {
  const { paint } = style
  const paragraphs = [
    ...results.tests
      .filter(({ outcome }) => isRed(outcome))
      .map((test) => describeFailure(test, results, catalogue, style)),
    ...results.tests
      .filter(({ outcome }) => outcome === 'fixed')
      .map(({ id, runtime, reason }) => `${paint('fixed', 'FIXED')}  ${id}  (${runtime})\n    ${reason}`),
    ...(verbose ? [describeDeviations(results, paint), describeSkips(results, paint)] : []),
    describeSummary(results, paint),
  ]
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')
}

function describeDeviations({ tests }: Results, paint: Paint): string {
  return tests
    .filter(({ outcome }) => outcome === 'deviation')
    .map(
      ({ id, runtime, reason }) =>
        `${paint('deviation', 'deviation')}  ${id}  (${runtime}): ${printable(reason ?? '')}`,
    )
    .join('\n')
}
