import { type Requirement, specificationUrl, type TestReport } from '../suite/index.ts'
import { explanationOf } from './explanation.ts'
import { printable, printableLine } from './printable.ts'
import { againCommand, commandLines } from './repetition.ts'
import { isGreen, type Results } from './results.ts'
import { runProblems } from './run-problems.ts'
import { runtimeTitle } from './runtime-title.ts'
import { escaped } from './xml.ts'

/** A comment on a pull request may have 65,536 characters; a summary that nobody scrolls through is shorter. */
const shownFailures = 20
const shownLines = 30
const longestLine = 500

/** A summary in GitHub's Markdown: the verdict, a table of runtimes, and what is red, folded up. */
export function markdownReport(results: Results, catalogue: ReadonlyMap<string, Requirement>): string {
  const red = results.tests.filter(({ outcome }) => outcome === 'fail' || outcome === 'broken')
  const fixed = results.tests.filter(({ outcome }) => outcome === 'fixed')
  const hidden = red.length - shownFailures
  const paragraphs = [
    `## ${isGreen(results) ? '✅ green' : '❌ red'}: ${results.tests.length} of ${results.planned} tests ran`,
    runtimeTable(results),
    ...runProblems(results).map(({ title, detail }) => `**${title}**\n\n${codeBlock(detail)}`),
    ...red.slice(0, shownFailures).map((test) => failure(test, results, catalogue)),
    ...(hidden > 0 ? [`… and ${hidden} more, in results.json.`] : []),
    ...(fixed.length === 0
      ? []
      : [`**Recorded deviations that are gone**\n\n${fixed.map(fixedLine).join('\n')}`]),
  ]
  return `${paragraphs.join('\n\n')}\n`
}

const columns = ['pass', 'fail', 'broken', 'deviation', 'fixed', 'skip'] as const

function runtimeTable({ runtimes, tests }: Results): string {
  const rows = runtimes.map((runtime) => {
    const own = tests.filter((test) => test.runtime === runtime.name)
    return row([
      inline(runtimeTitle(runtime)),
      ...columns.map((wanted) => `${own.filter(({ outcome }) => outcome === wanted).length}`),
    ])
  })
  return [row(['runtime', ...columns]), row(['---', ...columns.map(() => '--:')]), ...rows].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function failure(test: TestReport, results: Results, catalogue: ReadonlyMap<string, Requirement>): string {
  const { id, title, outcome, runtime, covers } = test
  const requirements = covers.flatMap((name) => requirementLine(catalogue.get(name)))
  return [
    `<details><summary>${outcome} · ${html(runtime)} · ${html(title)}</summary>`,
    ...(requirements.length === 0 ? [] : [requirements.join('\n')]),
    codeBlock(explanationOf(test)),
    codeBlock([againCommand(test, results), ...commandLines(test)].join('\n'), 'sh'),
    `${inline(id)}\n\n</details>`,
  ].join('\n\n')
}

function requirementLine(requirement: Requirement | undefined): string[] {
  if (requirement === undefined) return []
  const { level, statement, file, anchor } = requirement
  return [`- **${level}** ${inline(statement)} ([${file}#${anchor}](${specificationUrl(requirement)}))`]
}

function fixedLine({ id, runtime, reason = '' }: TestReport): string {
  return `- ${inline(`${runtime} ${id}`)}: ${inline(reason)}`
}

/** A block from which no text can escape: its fence is longer than any run of backticks in the text. */
function codeBlock(text: string, language = ''): string {
  const lines = printable(text)
    .split('\n')
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
  const shown = lines.length > shownLines ? [...lines.slice(0, shownLines), '…'] : lines
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${shown.join('\n')}\n${fence}`
}

/** Text within a line that means nothing to Markdown. */
function inline(text: string): string {
  return html(text).replace(/[\\`*_[\]|~]/g, '\\$&')
}

/** Text that is no markup and calls nobody: GitHub looks for mentions in what the markup has become. */
function html(text: string): string {
  return escaped(printableLine(text, longestLine)).replaceAll('@', '@<!-- -->')
}
