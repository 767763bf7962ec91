import * as v from 'valibot'
import { type Outcome, type Requirement, requirementLevels, type TestReport } from '../suite/index.ts'

/** What the tests of a run can say together about one requirement. */
export const verdicts = ['met', 'violated', 'deviation', 'untested', 'skipped'] as const

/** One of the verdicts. */
export type Verdict = (typeof verdicts)[number]

/** The shape of a verdict in results.json. */
export const requirementResultSchema = v.object({
  id: v.string(),
  level: v.picklist(requirementLevels),
  runtime: v.string(),
  verdict: v.picklist(verdicts),
})

/** The verdict on one requirement for one runtime. */
export type RequirementResult = Readonly<v.InferOutput<typeof requirementResultSchema>>

/** Which verdict wins when tests of one requirement ended differently: the first outcome found decides. */
const precedence: readonly (readonly [Outcome, Verdict])[] = [
  ['fail', 'violated'],
  ['deviation', 'deviation'],
  ['broken', 'untested'],
  ['pass', 'met'],
  ['fixed', 'met'],
  ['skip', 'skipped'],
]

/** The verdict on every requirement of the catalogue for every runtime. */
export function requirementResults(
  catalogue: ReadonlyMap<string, Pick<Requirement, 'id' | 'level'>>,
  tests: readonly TestReport[],
  runtimes: readonly { readonly name: string }[],
): RequirementResult[] {
  return runtimes.flatMap(({ name: runtime }) => {
    const found = outcomesByRequirement(tests.filter((test) => test.runtime === runtime))
    return [...catalogue.values()].map(({ id, level }) => ({
      id,
      level,
      runtime,
      verdict: verdictOf(found.get(id)),
    }))
  })
}

function outcomesByRequirement(tests: readonly TestReport[]): Map<string, Set<Outcome>> {
  const found = new Map<string, Set<Outcome>>()
  for (const { covers, outcome } of tests) {
    for (const id of covers) found.set(id, (found.get(id) ?? new Set()).add(outcome))
  }
  return found
}

function verdictOf(found: ReadonlySet<Outcome> | undefined): Verdict {
  return precedence.find(([outcome]) => found?.has(outcome))?.[1] ?? 'untested'
}
