// The lines of the two matrices, made of the data once.
import type { PageData, PageRequirement, PageTest } from '../page-data.ts'
import type { ViewState } from './view-state.ts'

/** One line of a matrix: a requirement or a test, with a cell for each runtime. */
export interface Entry {
  readonly id: string
  readonly title: string
  /** A word or two beside it: the level of a requirement, the suite of a test. */
  readonly note: string
  readonly levels: readonly string[]
  readonly areas: readonly string[]
  /** How it ended on each runtime; empty where it did not run. */
  readonly cells: readonly string[]
  /** Everything that a search for text looks through, in lower case. */
  readonly searched: string
}

/** What a reader should see first. */
const urgency = [
  'fail',
  'violated',
  'broken',
  'deviation',
  'fixed',
  'untested',
  'skipped',
  'skip',
  'met',
  'pass',
]

/** The requirements, those that are violated first. */
export function requirementEntries({ requirements }: PageData): Entry[] {
  return byUrgency(requirements.map(requirementEntry))
}

function requirementEntry({ id, level, area, statement, place, verdicts }: PageRequirement): Entry {
  return {
    id,
    title: statement === '' ? id : statement,
    note: level,
    levels: [level],
    areas: [area],
    cells: verdicts,
    searched: [id, statement, place, area].join('\n').toLowerCase(),
  }
}

/** The tests, those that failed first. */
export function testEntries({ tests, requirements }: PageData): Entry[] {
  const known = new Map(requirements.map((requirement) => [requirement.id, requirement]))
  return byUrgency(tests.map((test) => testEntry(test, known)))
}

function testEntry(test: PageTest, known: ReadonlyMap<string, PageRequirement>): Entry {
  const { id, suite, title, covers, runs } = test
  const covered = covers.flatMap((name) => known.get(name) ?? [])
  const explanations = runs.map((run) => run?.explanation ?? '')
  return {
    id,
    title,
    note: suite,
    levels: covered.map(({ level }) => level),
    areas: [suite, ...covered.map(({ area }) => area)],
    cells: runs.map((run) => run?.outcome ?? ''),
    searched: [id, title, ...covers, ...explanations].join('\n').toLowerCase(),
  }
}

function byUrgency(entries: readonly Entry[]): Entry[] {
  const rank = ({ cells }: Entry) =>
    Math.min(...cells.map((cell) => (cell === '' ? urgency.length : urgency.indexOf(cell))))
  return entries
    .map((entry) => ({ entry, rank: rank(entry) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ entry }) => entry)
}

/** Whether an entry is among what is shown. A link to an entry shows it in any case. */
export function isShown(entry: Entry, state: ViewState, runtimes: readonly string[]): boolean {
  if (entry.id === state.open) return true
  const { text, level, area, outcome, runtime } = state
  const cells =
    runtime === '' ? entry.cells : entry.cells.filter((_cell, column) => runtimes[column] === runtime)
  return (
    (level === '' || entry.levels.includes(level)) &&
    (area === '' || entry.areas.includes(area)) &&
    (outcome === '' ? cells.some((cell) => cell !== '') : cells.includes(outcome)) &&
    text
      .toLowerCase()
      .split(/\s+/)
      .every((word) => entry.searched.includes(word))
  )
}

/** Every value that occurs, in the order of the alphabet. */
export function occurring(
  entries: readonly Entry[],
  valuesOf: (entry: Entry) => readonly string[],
): string[] {
  return [...new Set(entries.flatMap(valuesOf))].filter((value) => value !== '').sort()
}

/** How many entries have each outcome on some runtime, most urgent first. */
export function countsOf(entries: readonly Entry[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { cells } of entries) {
    for (const cell of new Set(cells)) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  return urgency.flatMap((outcome): [string, number][] => {
    const count = counts.get(outcome)
    return count === undefined ? [] : [[outcome, count]]
  })
}
