import { RunwrightError } from '../host/index.ts'
import { plannedSuites } from '../run/index.ts'
import type { Need, Requirement, TestDeclaration } from '../suite/index.ts'
import { namedSuites } from './named-suites.ts'

/** A test as a list shows it. */
export interface ListedTest {
  readonly id: string
  readonly suite: string
  readonly title: string
  readonly covers: readonly string[]
  readonly needs: readonly Need[]
  /** The module that it comes from; absent for the shipped suites. */
  readonly module?: string
}

/** A requirement and the ids of the tests that judge it. */
export type ListedRequirement = Requirement & { readonly tests: readonly string[] }

/** A requirement or an area was asked for that the catalogue does not have. */
export class UnknownRequirementError extends RunwrightError {
  override readonly code = 'UNKNOWN_REQUIREMENT'
}

/**
 * Tests, in the order in which they run.
 *
 * @param names suites and test ids; all of the modules without any
 * @param modules of suites beside the shipped ones
 * @throws UnknownSelectionError, SuitesModuleError
 */
export async function listTests(names: readonly string[], modules: readonly string[]): Promise<ListedTest[]> {
  const loaded = await namedSuites(modules)
  return plannedSuites(loaded, { selection: names }).flatMap(({ tests }) => tests.map(listed))
}

function listed({ id, suite, title, covers, needs, module }: TestDeclaration): ListedTest {
  return { id, suite, title, covers, needs, ...(module === undefined ? {} : { module }) }
}

/**
 * The requirements of the catalogue, in its order.
 *
 * @param names areas and requirement ids; all without any
 * @param modules of suites beside the shipped ones
 * @throws UnknownRequirementError, SuitesModuleError
 */
export async function listRequirements(
  names: readonly string[],
  modules: readonly string[],
): Promise<ListedRequirement[]> {
  const { suites, catalogue } = await namedSuites(modules)
  const requirements = [...catalogue.values()]
  const areas = [...new Set(requirements.map(({ area }) => area))]
  for (const name of names) {
    if (catalogue.has(name) || areas.includes(name)) continue
    throw new UnknownRequirementError(
      `there is no requirement or area '${name}'; the areas are ${areas.join(', ')}, 'runwright list --requirements' shows the rest`,
    )
  }
  const tests = suites.flatMap((suite) => suite.tests)
  return requirements
    .filter(({ id, area }) => names.length === 0 || names.includes(id) || names.includes(area))
    .map((requirement) => ({
      ...requirement,
      tests: tests.filter(({ covers }) => covers.includes(requirement.id)).map(({ id }) => id),
    }))
}
