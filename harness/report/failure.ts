import { type Requirement, specificationUrl, type TestReport } from '../suite/index.ts'
import { indented, wrap } from './columns.ts'
import { explanationOf } from './explanation.ts'
import type { Paint } from './paint.ts'
import { printable, printableLine } from './printable.ts'
import { againCommand, commandLines, machineOptions } from './repetition.ts'
import type { Results } from './results.ts'

/** How the text is to look. */
export interface TextStyle {
  readonly paint: Paint
  /** Columns that prose is laid out for; Infinity where the text goes to a file or a program. */
  readonly width: number
}

const shownLines = 40
const shownComparedLines = 5

/**
 * The paragraph that explains a red test: what the specification wants and where it says so, what was expected and
 * what happened, the runtime's own words, and how to see it again.
 */
export function describeFailure(
  test: TestReport,
  results: Results,
  catalogue: ReadonlyMap<string, Requirement>,
  style: TextStyle,
): string {
  const { id, title, outcome, runtime } = test
  const { paint } = style
  const explanation = printable(explanationOf(test))
  return [
    `${paint(outcome, outcome.toUpperCase())}  ${paint('strong', id)}  (${runtime})`,
    `  ${title}`,
    ...requirementLines(test, catalogue, style),
    indented(cut(explanation, shownLines), '    '),
    ...comparison(test, explanation),
    ...ownWords(test, explanation),
    ...repetition(test, results).map((line) => `  ${paint('faint', line)}`),
  ].join('\n')
}

function requirementLines(
  { covers }: TestReport,
  catalogue: ReadonlyMap<string, Requirement>,
  { width }: TextStyle,
): string[] {
  return covers.flatMap((id) => {
    const requirement = catalogue.get(id)
    if (requirement === undefined) return []
    const { level, statement } = requirement
    const [first = '', ...rest] = wrap(`${level}: ${statement}`, width - 4)
    return [`  ${first}`, ...rest.map((line) => `    ${line}`), `    ${id}, ${specificationUrl(requirement)}`]
  })
}

/** Both sides, where the explanation does not hold them already. */
function comparison({ error }: TestReport, explanation: string): string[] {
  const { expected, actual } = error ?? {}
  if (expected === undefined || actual === undefined) return []
  const isTold = [expected, actual].every((side) => explanation.includes(printable(side)))
  return isTold ? [] : [side('expected', expected), side('actual', actual)]
}

function side(name: string, text: string): string {
  const lines = cut(printable(text), shownComparedLines)
  return lines.includes('\n') ? `    ${name}:\n${indented(lines, '      ')}` : `    ${name}: ${lines}`
}

/** What the runtime logged or printed last where a command failed, unless the explanation holds it already. */
function ownWords({ runtime, commands = [] }: TestReport, explanation: string): string[] {
  const said = commands
    .filter(({ exitCode }) => exitCode !== 0)
    .map(({ log, stderr }) => log.at(-1)?.message ?? stderr.trimEnd().split('\n').at(-1) ?? '')
    .map((text) => printableLine(text, 500))
    .findLast((text) => text !== '')
  return said === undefined || explanation.includes(said) ? [] : [`    ${runtime} says: ${said}`]
}

function cut(text: string, most: number): string {
  const lines = text.split('\n')
  if (lines.length <= most) return text
  return [...lines.slice(0, most), `… ${lines.length - most} more lines in results.json`].join('\n')
}

function repetition(test: TestReport, results: Results): string[] {
  const again = againCommand(test, results)
  const commands = commandLines(test)
  const script = test.artifacts === undefined ? [] : [`again without Runwright: ${test.artifacts}/repro.sh`]
  if (commands.length === 0) return [`again: ${again}`, ...script]
  const isOnHost = machineOptions(test.runtime, results) === undefined
  return [
    `${isOnHost ? 'again, keeping its bundles' : 'again'}: ${again}`,
    ...script,
    'what it ran:',
    ...commands.map((line) => `  ${printable(line)}`),
  ]
}
