import { RunwrightError } from '../host/index.ts'
import type { Effect } from './effect.ts'

/** One way of being wrong: a runtime that has it shows whether the tests notice. */
export interface Fault {
  /** Lower-case kebab case, unique. */
  readonly id: string
  /** The part of the specification that it is about; a file of the catalogue holds those of one area. */
  readonly area: string
  /**
   * Ids of the requirements that a runtime with this fault violates; the tests that cover one of them have to notice.
   * With `everything` no test of any suite may pass.
   */
  readonly violates: readonly string[] | 'everything'
  /** Suites, and ids of tests, that have to notice it beside those; for what no requirement speaks of. */
  readonly tests?: readonly string[]
  /**
   * Ids of tests that have to pass on the runtime without the fault, which would be none there: what such a runtime does
   * in the place of what is right has to work.
   */
  readonly requires?: readonly string[]
  /** What such a runtime does wrong: "The runtime …". */
  readonly sentence: string
  readonly effect: Effect
  /** Why nobody can notice it from outside. A fault with such a reason may survive. */
  readonly unseen?: string
}

/** The catalogue of faults contradicts itself or the catalogue of requirements. */
export class FaultsError extends RunwrightError {
  override readonly code = 'FAULTS'
}

/** A fault was asked for that is not in the catalogue. */
export class UnknownFaultError extends RunwrightError {
  override readonly code = 'UNKNOWN_FAULT'
}

/**
 * Checks a catalogue of faults: every id once and of the right form, every requirement known, something to notice each.
 *
 * @param requirements ids of the known requirements
 * @throws FaultsError with every problem
 */
export function checkFaults(faults: readonly Fault[], requirements: { has(id: string): boolean }): void {
  const seen = new Set<string>()
  const problems = faults.flatMap(({ id, violates: violated, tests = [] }) => {
    const violates = violated === 'everything' ? [] : violated
    const isNew = !seen.has(id)
    seen.add(id)
    return [
      ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) ? [] : [`'${id}' is not in kebab case`]),
      ...(isNew ? [] : [`'${id}' stands twice`]),
      ...(violated === 'everything' || violates.length + tests.length > 0
        ? []
        : [`'${id}' names nothing that has to notice it`]),
      ...violates
        .filter((name) => !requirements.has(name))
        .map((name) => `'${id}' violates '${name}', which is no requirement`),
    ]
  })
  if (problems.length > 0)
    throw new FaultsError(`the catalogue of faults cannot be used:\n  ${problems.join('\n  ')}`)
}

/**
 * The faults that go by some names.
 *
 * @param names ids and areas; none means every fault
 * @throws UnknownFaultError
 */
export function selectFaults(faults: readonly Fault[], names: readonly string[]): readonly Fault[] {
  const known = new Set(faults.flatMap(({ id, area }) => [id, area]))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    const areas = [...new Set(faults.map(({ area }) => area))].join(', ')
    throw new UnknownFaultError(
      `there is no fault or area ${unknown.map((name) => `'${name}'`).join(', ')}; the areas are ${areas}, ` +
        "and 'runwright prove --list' shows every fault",
    )
  }
  return names.length === 0
    ? faults
    : faults.filter(({ id, area }) => names.includes(id) || names.includes(area))
}
