import { type Cell, columns, indented, type Paint } from '../report/index.ts'
import type { ListedRequirement, ListedTest } from './list-suites.ts'

/** How the text is to look. */
export interface ListTextOptions {
  readonly paint: Paint
  readonly width: number
}

const margin = '  '

/** Tests below the names of their suites, each by the id that `run` takes, with its needs. */
export function describeTests(tests: readonly ListedTest[], options: ListTextOptions): string {
  const groups = grouped(tests, ({ suite }) => suite)
  const sections = [...groups].map(([suite, members]) =>
    section(
      `${suite} (${count(members.length, 'test')})`,
      members.map((test) => testRow(test, options)),
      options,
    ),
  )
  return [...sections, `${count(tests.length, 'test')} in ${count(groups.size, 'suite')}`].join('\n\n')
}

function testRow({ id, needs }: ListedTest, { paint }: ListTextOptions): Cell[] {
  const text = needs.length === 0 ? '' : `needs ${needs.join(', ')}`
  return [{ text: id }, { text, paint: (plain) => paint('faint', plain) }]
}

/** Requirements below the names of their areas, each with how many tests judge it, or why none does. */
export function describeRequirements(
  requirements: readonly ListedRequirement[],
  options: ListTextOptions,
): string {
  const groups = grouped(requirements, ({ area }) => area)
  const sections = [...groups].map(([area, members]) =>
    section(
      `${area} (${members.filter(({ tests }) => tests.length > 0).length} of ${members.length} covered)`,
      members.map((requirement) => requirementRow(requirement, options)),
      options,
    ),
  )
  const covered = requirements.filter(({ tests }) => tests.length > 0).length
  return [...sections, `${covered} of ${count(requirements.length, 'requirement')} covered`].join('\n\n')
}

function requirementRow(
  { id, level, since, file, anchor, tests, statement, untested }: ListedRequirement,
  { paint }: ListTextOptions,
): Cell[] {
  const covered: Cell =
    tests.length === 0
      ? { text: 'no test', paint: (text) => paint('faint', text) }
      : { text: count(tests.length, 'test'), paint: (text) => paint('pass', text) }
  const reason = untested === undefined ? [] : [`Untested: ${untested}`]
  const text = [statement, `${file}#${anchor}, since ${since}`, ...reason].join('\n')
  return [{ text: id }, { text: level }, covered, { text }]
}

function section(
  title: string,
  rows: readonly (readonly Cell[])[],
  { paint, width }: ListTextOptions,
): string {
  return `${paint('strong', title)}\n${indented(columns(rows, width - margin.length), margin)}`
}

/** Items by key, keys in the order of their first item. */
function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
