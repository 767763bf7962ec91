import type { HostFacts } from '../host/index.ts'
import type { Outcome, Requirement, RuntimeUnderTest, TestReport } from '../suite/index.ts'
import { outcomes } from '../suite/index.ts'
import { type RequirementResult, requirementResults } from './verdict.ts'

/** The name and version of the format below. */
export const resultsSchema = 'runwright.results/1'

/** Something a run left on the host. */
export interface LeakResult {
  readonly kind: string
  readonly what: string
  readonly test?: string
}

/** The runtime as results.json names it. */
export type RuntimeResult = Omit<RuntimeUnderTest, 'lacks'>

/** results.json: the one format every reporter reads. */
export interface Results {
  readonly schema: typeof resultsSchema
  readonly runwright: string
  /** When the run began, ISO 8601. */
  readonly startedAt: string
  readonly wallMs: number
  readonly host: HostFacts
  readonly runtimes: readonly RuntimeResult[]
  readonly tests: readonly TestReport[]
  readonly requirements: readonly RequirementResult[]
  readonly leaks: readonly LeakResult[]
  /** What went wrong outside any test; a run with such an entry is broken. */
  readonly errors: readonly string[]
  /** How many tests were to run, over all runtimes. */
  readonly planned: number
  readonly totals: Readonly<Record<Outcome, number>>
}

/** What a run knows when it has ended. */
export interface RunFacts extends Omit<Results, 'schema' | 'requirements' | 'totals' | 'runtimes'> {
  readonly runtimes: readonly RuntimeUnderTest[]
  readonly catalogue: ReadonlyMap<string, Requirement>
}

/** Puts together results.json. */
export function buildResults({ catalogue, runtimes, ...facts }: RunFacts): Results {
  return {
    schema: resultsSchema,
    ...facts,
    runtimes: runtimes.map(({ lacks: _lacks, ...runtime }) => runtime),
    requirements: requirementResults(catalogue, facts.tests, runtimes),
    totals: countOutcomes(facts.tests),
  }
}

/** Whether the run is green: nothing failed, nothing was broken, nothing was left behind, nothing is missing. */
export function isGreen({ tests, leaks, errors, planned, totals }: Results): boolean {
  return (
    totals.fail === 0 &&
    totals.broken === 0 &&
    leaks.length === 0 &&
    errors.length === 0 &&
    tests.length === planned
  )
}

function countOutcomes(tests: readonly TestReport[]): Record<Outcome, number> {
  const count = (wanted: Outcome) => tests.filter(({ outcome }) => outcome === wanted).length
  return Object.fromEntries(outcomes.map((outcome) => [outcome, count(outcome)])) as Record<Outcome, number>
}
