import { shellQuote } from '../runtime/index.ts'
import { type Requirement, specificationUrl, type TestReport } from '../suite/index.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

const shownLines = 40

/**
 * The paragraph that explains a red test: what the specification wants, what was expected, what happened, what
 * the runtime said, and how to see it again.
 */
export function describeFailure(
  test: TestReport,
  catalogue: ReadonlyMap<string, Requirement>,
  paint: Paint,
): string {
  const { id, title, outcome, runtime } = test
  const lines = [
    `${paint(outcome, outcome.toUpperCase())}  ${paint('strong', id)}  (${runtime})`,
    `  ${title}`,
    ...requirementLines(test, catalogue).map((line) => `  ${line}`),
    ...whatHappened(test).map((line) => `    ${line}`),
    ...repetition(test).map((line) => `  ${paint('faint', line)}`),
  ]
  return lines.join('\n')
}

function requirementLines({ covers }: TestReport, catalogue: ReadonlyMap<string, Requirement>): string[] {
  return covers.flatMap((id) => {
    const requirement = catalogue.get(id)
    if (requirement === undefined) return []
    return [`${requirement.level}: ${requirement.statement}`, `  ${id}, ${specificationUrl(requirement)}`]
  })
}

function whatHappened({ error, reason }: TestReport): string[] {
  const message = error?.message ?? reason ?? 'no reason was given'
  const isTold = error?.cause === undefined || message.includes(error.cause)
  const text = isTold ? message : `${message}\ncause: ${error.cause}`
  const lines = printable(text).split('\n')
  if (lines.length <= shownLines) return lines
  return [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines in results.json`]
}

function repetition({ id, runtime, commands = [] }: TestReport): string[] {
  const again = `runwright run ${id} --runtime ${shellQuote([runtime])} --keep`
  if (commands.length === 0) return [`again: ${again}`]
  return [
    `again, keeping its bundles: ${again}`,
    'what it ran:',
    ...commands.map(
      ({ reproduction, ...end }) => `  ${printable(shellQuote(reproduction))}   # ${howItEnded(end)}`,
    ),
  ]
}

function howItEnded({
  exitCode,
  signal,
  timedOut,
}: {
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  readonly timedOut: boolean
}): string {
  if (timedOut) return 'did not end in time'
  return signal === undefined ? `exit ${exitCode ?? 'unknown'}` : `ended by ${signal}`
}
