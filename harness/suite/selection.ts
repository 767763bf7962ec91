import { RunwrightError } from '../host/index.ts'
import type { SuiteDeclaration } from './declaration.ts'

/** A name was asked for that no suite and no test has. */
export class UnknownSelectionError extends RunwrightError {
  override readonly code = 'UNKNOWN_SELECTION'
}

/** Which of `total` parts of the tests to run, counted from 1. */
export interface Shard {
  readonly index: number
  readonly total: number
  /** How long tests took before, in milliseconds by test id: parts then take about the same time. */
  readonly durations?: Readonly<Record<string, number>>
}

/**
 * Keeps of the suites what was asked for.
 *
 * @param names suite names and test ids; none means everything
 * @throws UnknownSelectionError naming what is unknown and what there is
 */
export function selectTests(
  suites: readonly SuiteDeclaration[],
  names: readonly string[],
): SuiteDeclaration[] {
  const known = new Set(suites.flatMap(({ name, tests }) => [name, ...tests.map(({ id }) => id)]))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    const suiteNames = suites.map(({ name }) => name).join(', ')
    throw new UnknownSelectionError(
      `there is no suite or test ${unknown.map((name) => `'${name}'`).join(', ')}; the suites are ${suiteNames}, ` +
        "and 'runwright list' shows every test id",
    )
  }
  if (names.length === 0) return [...suites]
  const asked = new Set(names)
  return keepTests(suites, ({ suite, id }) => asked.has(suite) || asked.has(id))
}

/**
 * Keeps one part of the tests. Everybody who is given the same tests and durations comes to the same parts: the longest
 * test goes to the part that has least to do, then the next. A test that nobody has timed counts as long as the middle
 * one of those that somebody has; where none was timed, each part gets some of every suite.
 */
export function shardTests(
  suites: readonly SuiteDeclaration[],
  { index, total, durations = {} }: Shard,
): SuiteDeclaration[] {
  const ids = suites.flatMap(({ tests }) => tests.map(({ id }) => id))
  const parts = partition(ids, total, durations)
  const part = new Set(parts[index - 1])
  return keepTests(suites, ({ id }) => part.has(id))
}

function partition(
  ids: readonly string[],
  total: number,
  durations: Readonly<Record<string, number>>,
): readonly (readonly string[])[] {
  const untimed = middle(ids.flatMap((id) => durations[id] ?? [])) ?? 1
  const longestFirst = ids
    .map((id) => ({ id, duration: durations[id] ?? untimed }))
    .sort((one, other) => other.duration - one.duration)
  const parts = Array.from({ length: total }, (): { ids: string[]; duration: number } => ({
    ids: [],
    duration: 0,
  }))
  for (const { id, duration } of longestFirst) {
    const least = parts.reduce((one, other) => (other.duration < one.duration ? other : one))
    least.ids.push(id)
    least.duration += duration
  }
  return parts.map((part) => part.ids)
}

function middle(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)]
}

function keepTests(
  suites: readonly SuiteDeclaration[],
  keep: (test: SuiteDeclaration['tests'][number]) => boolean,
): SuiteDeclaration[] {
  return suites
    .map(({ name, tests }) => ({ name, tests: tests.filter(keep) }))
    .filter(({ tests }) => tests.length > 0)
}
