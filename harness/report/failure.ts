import { type Requirement, specificationUrl, type TestReport } from '../suite/index.ts'
import { explanationOf } from './explanation.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { againCommand, commandLines } from './repetition.ts'

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

function whatHappened(test: TestReport): string[] {
  const lines = printable(explanationOf(test)).split('\n')
  if (lines.length <= shownLines) return lines
  return [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines in results.json`]
}

function repetition(test: TestReport): string[] {
  const again = againCommand(test)
  const commands = commandLines(test)
  if (commands.length === 0) return [`again: ${again}`]
  return [
    `again, keeping its bundles: ${again}`,
    'what it ran:',
    ...commands.map((line) => `  ${printable(line)}`),
  ]
}
