import * as v from 'valibot'
import type { Outcome, Requirement, RuntimeUnderTest } from '../suite/index.ts'
import { outcomes, testReportSchema } from '../suite/index.ts'
import { requirementResultSchema, requirementResults } from './verdict.ts'

/** The name and version of the format below. */
export const resultsFormat = 'runwright.results/1'

const leakSchema = v.object({ kind: v.string(), what: v.string(), test: v.exactOptional(v.string()) })

const hostSchema = v.object({
  kernel: v.string(),
  arch: v.string(),
  cgroup: v.picklist(['v1', 'v2', 'hybrid']),
  rootless: v.boolean(),
  cpus: v.number(),
  /** The virtual machine that the run was given, in words. */
  machine: v.exactOptional(v.string()),
  /** The words of the command line that asked for it. */
  machineOptions: v.exactOptional(v.pipe(v.array(v.string()), v.readonly())),
})

/** The words of the command line, where a runtime's name is not one of them. */
const givenSchema = v.object({ runtime: v.string(), kernel: v.string() })

/** The runtime as results.json names it; what it does not say of itself is left out. */
const runtimeSchema = v.object({
  name: v.string(),
  command: v.string(),
  profile: v.string(),
  version: v.optional(v.string()),
  specVersion: v.optional(v.string()),
  leaves: v.pipe(v.array(v.string()), v.readonly()),
  /** Where it ran, where one command ran it on several kernels; elsewhere `host` of the results says so. */
  host: v.exactOptional(v.pipe(hostSchema, v.readonly())),
  /** There also what `--runtime` and `--kernel` were given, as the name is made of both. */
  given: v.exactOptional(v.pipe(givenSchema, v.readonly())),
})

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const shardSchema = v.object({ index: count, total: count })

const totalsSchema = v.object({
  pass: count,
  fail: count,
  broken: count,
  deviation: count,
  fixed: count,
  skip: count,
})

/** The shape of results.json: the one format every reporter reads. */
export const resultsSchema = v.object({
  schema: v.literal(resultsFormat),
  runwright: v.string(),
  /** When the run began, ISO 8601. */
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  wallMs: v.number(),
  /** Which part of the tests this is, where it is not all of them. */
  shard: v.exactOptional(v.pipe(shardSchema, v.readonly())),
  host: v.pipe(hostSchema, v.readonly()),
  runtimes: readonlyArray(runtimeSchema),
  tests: readonlyArray(testReportSchema),
  requirements: readonlyArray(requirementResultSchema),
  leaks: readonlyArray(leakSchema),
  /** What went wrong outside any test; a run with such an entry is broken. */
  errors: v.pipe(v.array(v.string()), v.readonly()),
  /** How many tests were to run, over all runtimes. */
  planned: count,
  totals: v.pipe(totalsSchema, v.readonly()),
})

/** What results.json holds. */
export type Results = Readonly<v.InferOutput<typeof resultsSchema>>

/** The runtime as results.json names it. */
export type RuntimeResult = Results['runtimes'][number]

/** Something a run left on the host. */
export type LeakResult = Results['leaks'][number]

/** What a run knows when it has ended. */
export interface RunFacts extends Omit<Results, 'schema' | 'requirements' | 'totals' | 'runtimes'> {
  readonly runtimes: readonly RuntimeUnderTest[]
  readonly catalogue: ReadonlyMap<string, Requirement>
}

/** Puts together results.json. */
export function buildResults({ catalogue, runtimes, ...facts }: RunFacts): Results {
  return {
    schema: resultsFormat,
    ...facts,
    tests: inOrder(facts.tests, runtimes),
    runtimes: runtimes.map(({ lacks: _lacks, ...runtime }) => runtime),
    requirements: requirementResults(catalogue, facts.tests, runtimes),
    totals: countOutcomes(facts.tests),
  }
}

/** By runtime and id: tests end in another order in every run, and results are to be compared with each other. */
export function inOrder<Test extends { readonly id: string; readonly runtime: string }>(
  tests: readonly Test[],
  runtimes: readonly { readonly name: string }[],
): Test[] {
  const position = new Map(runtimes.map(({ name }, index) => [name, index]))
  const positionOf = ({ runtime }: Test) => position.get(runtime) ?? runtimes.length
  return tests.toSorted((one, other) => positionOf(one) - positionOf(other) || (one.id < other.id ? -1 : 1))
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

function readonlyArray<const Entries extends v.ObjectEntries>(member: v.ObjectSchema<Entries, undefined>) {
  return v.pipe(v.array(v.pipe(member, v.readonly())), v.readonly())
}

/** How many tests ended how. */
export function countOutcomes(tests: Results['tests']): Record<Outcome, number> {
  const count = (wanted: Outcome) => tests.filter(({ outcome }) => outcome === wanted).length
  return Object.fromEntries(outcomes.map((outcome) => [outcome, count(outcome)])) as Record<Outcome, number>
}
