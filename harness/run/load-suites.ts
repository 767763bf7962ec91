import { RunwrightError } from '../host/index.ts'
import type { Deviation, Requirement, SuiteDeclaration } from '../suite/index.ts'

/** What a module of suites exports: the suites, the requirements they cover, and the known deviations. */
export interface SuitesModule {
  readonly suites: readonly SuiteDeclaration[]
  readonly catalogue: ReadonlyMap<string, Requirement>
  readonly deviations: readonly Deviation[]
}

/** A module was to be run that exports no suites. */
export class SuitesModuleError extends RunwrightError {
  override readonly code = 'SUITES_MODULE'
}

/**
 * Loads the suites a run is about.
 *
 * @param url file URL of the module
 * @throws SuitesModuleError when an export is missing
 */
export async function loadSuites(url: string): Promise<SuitesModule> {
  const module: unknown = await import(url)
  if (isSuitesModule(module)) return module
  throw new SuitesModuleError(
    `${url} does not export a list 'suites', a map 'catalogue' and a list 'deviations'`,
  )
}

function isSuitesModule(module: unknown): module is SuitesModule {
  return (
    typeof module === 'object' &&
    module !== null &&
    'suites' in module &&
    Array.isArray(module.suites) &&
    'catalogue' in module &&
    module.catalogue instanceof Map &&
    'deviations' in module &&
    Array.isArray(module.deviations)
  )
}
