import type { SuiteDeclaration } from './declaration.ts'

/** The first test that covers a requirement which is in no catalogue, with the message that says so. */
export function unknownCoverage(
  suites: readonly SuiteDeclaration[],
  catalogue: ReadonlyMap<string, unknown>,
): string | undefined {
  for (const { id, covers } of suites.flatMap(({ tests }) => tests)) {
    const unknown = covers.find((requirement) => !catalogue.has(requirement))
    if (unknown !== undefined)
      return (
        `${id} covers '${unknown}', which is no requirement; 'runwright list --requirements' shows them all, and ` +
        'a test need not cover any'
      )
  }
  return undefined
}
