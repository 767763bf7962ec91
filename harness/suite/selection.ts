import { RunwrightError } from '../host/index.ts'
import type { SuiteDeclaration } from './declaration.ts'

/** A name was asked for that no suite and no test has. */
export class UnknownSelectionError extends RunwrightError {
  override readonly code = 'UNKNOWN_SELECTION'
}

/** Which of `total` equal parts of the tests to run, counted from 1. */
export interface Shard {
  readonly index: number
  readonly total: number
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

/** Keeps one part of the tests: every `total`th, so that each part gets some of every suite. */
export function shardTests(suites: readonly SuiteDeclaration[], { index, total }: Shard): SuiteDeclaration[] {
  let position = 0
  return keepTests(suites, () => position++ % total === index - 1)
}

function keepTests(
  suites: readonly SuiteDeclaration[],
  keep: (test: SuiteDeclaration['tests'][number]) => boolean,
): SuiteDeclaration[] {
  return suites
    .map(({ name, tests }) => ({ name, tests: tests.filter(keep) }))
    .filter(({ tests }) => tests.length > 0)
}
