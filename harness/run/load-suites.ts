import { stripVTControlCharacters } from 'node:util'
import { ownPlace, RunwrightError } from '../host/index.ts'
import {
  checkDeviations,
  type Deviation,
  type Requirement,
  type SuiteDeclaration,
  unknownCoverage,
} from '../suite/index.ts'

/** A module that exports suites. */
export interface SuitesSource {
  readonly url: string
  /** As whoever wants it run has named it; absent for the shipped suites, which are known in any case. */
  readonly module?: string
}

/** The suites of one or several modules, the requirements they can cover, and the known deviations. */
export interface LoadedSuites {
  readonly suites: readonly SuiteDeclaration[]
  /** Names of the suites in the modules that somebody has named. */
  readonly asked: readonly string[]
  readonly catalogue: ReadonlyMap<string, Requirement>
  readonly deviations: readonly Deviation[]
}

/** A module was to be run that cannot be loaded, or exports no suites that can be run. */
export class SuitesModuleError extends RunwrightError {
  override readonly code = 'SUITES_MODULE'
}

/** Loads a module by its file URL, and gives what it exports. */
export type ImportModule = (url: string) => Promise<object>

/**
 * Loads the suites a run is about: whatever the modules export that is a suite or a list of suites, and the map
 * `catalogue` and the list `deviations` of those that have them.
 *
 * @param sources the modules; what several of them export is the first one's
 * @throws SuitesModuleError, DeviationsError naming the module
 */
export async function loadSuites(
  sources: readonly SuitesSource[],
  importModule: ImportModule = async (url) => await import(url),
): Promise<LoadedSuites> {
  const modules: LoadedModule[] = []
  for (const source of sources) modules.push(await loadModule(source, importModule))
  const origins = new Map<SuiteDeclaration, SuitesSource>()
  for (const { suites, source } of modules)
    for (const suite of suites) origins.set(suite, origins.get(suite) ?? source)
  const catalogue = new Map(modules.flatMap((module) => [...module.catalogue]))
  requireOwnNames(origins)
  for (const { suites, source } of modules) {
    const unknown = unknownCoverage(suites, catalogue)
    if (unknown !== undefined) throw new SuitesModuleError(`${nameOf(source)}: ${unknown}`)
  }
  const asked = modules.filter(({ source }) => source.module !== undefined).flatMap(({ suites }) => suites)
  return {
    suites: [...origins].map(([suite, source]) => withModule(suite, source)),
    asked: [...new Set(asked.map(({ name }) => name))],
    catalogue,
    deviations: modules.flatMap(({ deviations }) => deviations),
  }
}

/** What one module has to give. */
interface LoadedModule extends Pick<LoadedSuites, 'catalogue' | 'deviations'> {
  readonly source: SuitesSource
  readonly suites: readonly SuiteDeclaration[]
}

async function loadModule(source: SuitesSource, importModule: ImportModule): Promise<LoadedModule> {
  const exported = await importModule(source.url).catch((cause: unknown) => {
    throw new SuitesModuleError(`${nameOf(source)} cannot be loaded: ${wordsOf(cause)}`, { cause })
  })
  const suites = Object.values(exported).flat().filter(isSuite)
  if (suites.length === 0)
    throw new SuitesModuleError(
      `${nameOf(source)} exports no suite: it wants an 'export const mySuite = suite(…)', with 'suite' of 'runwright'`,
    )
  const empty = suites.find(({ tests }) => tests.length === 0)
  if (empty !== undefined)
    throw new SuitesModuleError(`suite '${empty.name}' of ${nameOf(source)} has no tests`)
  return {
    source,
    suites,
    catalogue: 'catalogue' in exported && isCatalogue(exported.catalogue) ? exported.catalogue : new Map(),
    deviations:
      'deviations' in exported ? checkDeviations(exported.deviations, `deviations of ${nameOf(source)}`) : [],
  }
}

function isSuite(value: unknown): value is SuiteDeclaration {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'tests' in value &&
    Array.isArray(value.tests)
  )
}

function isCatalogue(value: unknown): value is ReadonlyMap<string, Requirement> {
  return value instanceof Map
}

/** What a module said instead of loading, and where; or what may be meant by it. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.message.includes('"vitest" is imported'))
    return (
      "it imports vitest, as only a file of tests for vitest may. A suite for 'runwright run' is declared with 'suite' " +
      "of 'runwright', not of 'runwright/vitest', and its tests are given 'expect'"
    )
  const place = ownPlace(cause.stack)
  return stripVTControlCharacters(place === undefined ? cause.message : `${cause.message}\n    at ${place}`)
}

/** Test ids begin with the names of suites, and deviations and comparisons know tests by their ids. */
function requireOwnNames(origins: ReadonlyMap<SuiteDeclaration, SuitesSource>): void {
  const owners = new Map<string, SuitesSource>()
  for (const [{ name }, source] of origins) {
    const other = owners.get(name)
    if (other !== undefined)
      throw new SuitesModuleError(
        other === source
          ? `${nameOf(source)} has two suites '${name}': each wants a name of its own`
          : `${nameOf(other)} and ${nameOf(source)} both have a suite '${name}': each wants a name of its own`,
      )
    owners.set(name, source)
  }
}

function withModule(suite: SuiteDeclaration, { module }: SuitesSource): SuiteDeclaration {
  if (module === undefined) return suite
  return { ...suite, tests: suite.tests.map((test) => ({ ...test, module })) }
}

function nameOf({ module }: SuitesSource): string {
  return module ?? shippedModule
}

/** What the shipped suites are called, which every user can import. */
export const shippedModule = 'runwright/suites'
