import { isDeepStrictEqual } from 'node:util'
import { ResultsError } from './read-results.ts'
import { countOutcomes, inOrder, type Results, type RuntimeResult } from './results.ts'
import { requirementResults } from './verdict.ts'

/** Results, and what they are called in an error. */
export interface NamedResults {
  readonly name: string
  readonly results: Results
}

/**
 * Puts the results of several runs together, as if it had been one: the shards of a run, or runs of several runtimes.
 * The time is that of the longest, because they are taken to have run beside each other; the host is that of the first.
 *
 * @throws ResultsError when a shard is missing, a test ran twice, or a runtime is not the same everywhere
 */
export function mergeResults(parts: readonly NamedResults[]): Results {
  const [first] = parts
  if (first === undefined) throw new ResultsError('there are no results to put together')
  requireAllShards(parts)
  requireEveryTestOnce(parts)
  const runtimes = mergedRuntimes(parts)
  const all = parts.map(({ results }) => results)
  const tests = inOrder(
    all.flatMap((results) => results.tests),
    runtimes,
  )
  const known = new Map(
    all.flatMap(({ requirements }) => requirements.map(({ id, level }) => [id, { id, level }])),
  )
  const { schema, runwright, host } = first.results
  return {
    schema,
    runwright,
    startedAt: all.map(({ startedAt }) => startedAt).toSorted()[0] ?? first.results.startedAt,
    wallMs: Math.max(...all.map(({ wallMs }) => wallMs)),
    host,
    runtimes,
    tests,
    requirements: requirementResults(known, tests, runtimes),
    leaks: all.flatMap(({ leaks }) => leaks),
    errors: all.flatMap(({ errors }) => errors),
    planned: all.reduce((sum, { planned }) => sum + planned, 0),
    totals: countOutcomes(tests),
  }
}

/** A shard that nobody brings would be tests that nobody misses. */
function requireAllShards(parts: readonly NamedResults[]): void {
  const groups = new Map<string, number[]>()
  for (const { results } of parts) {
    if (results.shard === undefined) continue
    const { index, total } = results.shard
    const group = `${total} of ${results.runtimes.map(({ name }) => name).join(', ')}`
    groups.set(group, [...(groups.get(group) ?? []), index])
  }
  for (const [group, present] of groups) {
    const total = Number.parseInt(group, 10)
    const missing = Array.from({ length: total }, (_, position) => position + 1).filter(
      (index) => !present.includes(index),
    )
    if (missing.length > 0)
      throw new ResultsError(`of the shards 1 to ${group} these are missing: ${missing.join(', ')}`)
  }
}

function requireEveryTestOnce(parts: readonly NamedResults[]): void {
  const seen = new Map<string, string>()
  for (const { name, results } of parts) {
    for (const { id, runtime } of results.tests) {
      const key = `${id} on ${runtime}`
      const before = seen.get(key)
      if (before !== undefined) throw new ResultsError(`${key} ran twice: it is in ${before} and in ${name}`)
      seen.set(key, name)
    }
  }
}

function mergedRuntimes(parts: readonly NamedResults[]): RuntimeResult[] {
  const merged = new Map<string, RuntimeResult>()
  for (const { name, results } of parts) {
    for (const runtime of results.runtimes) {
      const before = merged.get(runtime.name) ?? runtime
      if (!isDeepStrictEqual(before, runtime))
        throw new ResultsError(
          `${runtime.name} in ${name} is another one than before: ${JSON.stringify(before)}, ${JSON.stringify(runtime)}`,
        )
      merged.set(runtime.name, runtime)
    }
  }
  return [...merged.values()]
}
