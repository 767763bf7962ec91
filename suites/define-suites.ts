import { readFileSync } from 'node:fs'
import { currentSession, defaultRuntime } from '../harness/guard/index.ts'
import { RunwrightError } from '../harness/host/index.ts'
import {
  checkDeviations,
  type Deviation,
  describeRuntime,
  openEnvironment,
  parseDeviations,
  type RunnerTest,
  registerSuites,
  type SuiteDeclaration,
  selectTests,
  TestDeclarationError,
  unknownCoverage,
} from '../harness/suite/index.ts'
import { catalogue } from './catalogue.ts'
import { deviations as shippedDeviations } from './deviations/index.ts'
import { suites as shippedSuites } from './suites.ts'

/** What to run, and on what. */
export interface DefineSuitesOptions {
  /** A profile (`runc`, `crun`, `runsc`, `youki`) or the path of a program. `RUNWRIGHT_RUNTIME` or runc without it. */
  readonly runtime?: string
  /** Suites of your own, declared with `suite` of `runwright`, in place of the shipped ones. */
  readonly suites?: readonly SuiteDeclaration[]
  /** Names of suites, or test ids; everything without it. */
  readonly areas?: readonly string[]
  /** Known disagreements beside the shipped ones: a list, or the path of a JSON file that holds one. */
  readonly deviations?: string | readonly Deviation[]
}

/** An option was given that does not exist. */
export class UnknownOptionError extends RunwrightError {
  override readonly code = 'UNKNOWN_OPTION'
}

const knownOptions: ReadonlySet<string> = new Set([
  'runtime',
  'suites',
  'areas',
  'deviations',
] satisfies (keyof DefineSuitesOptions)[])

/**
 * Registers the shipped suites, or your own, with your vitest.
 *
 * @example
 * import { test } from 'vitest'
 * import { defineSuites } from 'runwright/suites'
 *
 * defineSuites(test, { runtime: './build/my-runtime', areas: ['kill', 'pause'] })
 *
 * @param test vitest's `test`; it is handed in because a second copy of vitest cannot register tests in yours
 * @throws UnknownOptionError, UnknownSelectionError, TestDeclarationError, DeviationsError
 */
export function defineSuites(test: RunnerTest, options: DefineSuitesOptions = {}): void {
  const unknown = Object.keys(options).filter((name) => !knownOptions.has(name))
  if (unknown.length > 0) {
    throw new UnknownOptionError(
      `defineSuites knows no option ${unknown.map((name) => `'${name}'`).join(', ')}; it knows ${[...knownOptions].join(', ')}`,
    )
  }
  const { suites = shippedSuites } = options
  const unknownRequirement = unknownCoverage(suites, catalogue)
  if (unknownRequirement !== undefined) throw new TestDeclarationError(unknownRequirement)
  const selected = selectTests(suites, options.areas ?? [])
  const deviations = [...readDeviations(options.deviations ?? []), ...shippedDeviations]
  let environment: ReturnType<typeof openEnvironment> | undefined
  registerSuites(test, selected, () => {
    environment ??= open(options.runtime, deviations)
    return environment
  })
}

async function open(runtime: string | undefined, deviations: readonly Deviation[]) {
  const session = await currentSession()
  const described = await describeRuntime(session, runtime ?? defaultRuntime())
  return await openEnvironment({ session, runtime: described, deviations, catalogue })
}

function readDeviations(given: string | readonly Deviation[]): readonly Deviation[] {
  if (typeof given !== 'string') return checkDeviations(given, 'the deviations given')
  return parseDeviations(readFileSync(given, 'utf8'), given)
}
