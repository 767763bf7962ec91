import { pathToFileURL } from 'node:url'
import { programPath, RunwrightError } from '../host/index.ts'
import { loadSuites, type SuitesModule } from '../run/index.ts'
import { type Need, type Requirement, selectTests, type TestDeclaration } from '../suite/index.ts'

/** A test as a list shows it. */
export interface ListedTest {
  readonly id: string
  readonly suite: string
  readonly title: string
  readonly covers: readonly string[]
  readonly needs: readonly Need[]
}

/** A requirement and the ids of the tests that judge it. */
export type ListedRequirement = Requirement & { readonly tests: readonly string[] }

/** A requirement or an area was asked for that the catalogue does not have. */
export class UnknownRequirementError extends RunwrightError {
  override readonly code = 'UNKNOWN_REQUIREMENT'
}

/** The suites that come with the package. */
export async function shippedSuites(): Promise<SuitesModule> {
  return await loadSuites(pathToFileURL(programPath('suites/index.js')).href)
}

/**
 * The shipped tests, in the order in which they run.
 *
 * @param names suites and test ids; all without any
 * @throws UnknownSelectionError
 */
export async function listTests(names: readonly string[]): Promise<ListedTest[]> {
  const { suites } = await shippedSuites()
  return selectTests(suites, names).flatMap(({ tests }) => tests.map(listed))
}

function listed({ id, suite, title, covers, needs }: TestDeclaration): ListedTest {
  return { id, suite, title, covers, needs }
}

/**
 * The requirements of the catalogue, in its order.
 *
 * @param names areas and requirement ids; all without any
 * @throws UnknownRequirementError
 */
export async function listRequirements(names: readonly string[]): Promise<ListedRequirement[]> {
  const { suites, catalogue } = await shippedSuites()
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
