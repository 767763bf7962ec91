import satisfies from 'semver/functions/satisfies.js'
import validRange from 'semver/ranges/valid.js'
import * as v from 'valibot'
import { leakKindSchema } from '../guard/index.ts'
import { type CgroupLayout, RunwrightError } from '../host/index.ts'
import { comparableVersion } from '../runtime/index.ts'

const deviationSchema = v.strictObject({
  test: v.pipe(v.string(), v.regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'a test id: suite/kebab-title')),
  runtime: v.pipe(v.string(), v.nonEmpty()),
  versions: v.optional(
    v.pipe(
      v.string(),
      v.check((range) => validRange(range) !== null, 'a version range such as ">=1.1 <1.4"'),
    ),
    '*',
  ),
  /** Where alone it shows, if it depends on the version of cgroups. */
  cgroup: v.optional(v.picklist(['v1', 'v2'])),
  reason: v.pipe(v.string(), v.nonEmpty()),
  /** Kinds of things that the runtime is known to leave behind while it disagrees; they are removed and not counted. */
  leaves: v.optional(v.array(leakKindSchema)),
  link: v.optional(v.pipe(v.string(), v.url())),
})

/**
 * A known disagreement of one runtime with the spec: while it stands, the failure of `test` is expected of the
 * `versions` of `runtime` (a profile's name, or what a runtime calls itself) and no longer turns a run red.
 */
export type Deviation = v.InferOutput<typeof deviationSchema>

/** A list of deviations cannot be used: not JSON, of another shape, or about tests that do not exist. */
export class DeviationsError extends RunwrightError {
  override readonly code = 'DEVIATIONS'
}

/**
 * Reads a list of deviations from the text of a JSON file.
 *
 * @param source the file's name, for the error
 * @throws DeviationsError naming the file and every entry that does not fit
 */
export function parseDeviations(text: string, source: string): Deviation[] {
  try {
    return checkDeviations(JSON.parse(text), source)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new DeviationsError(`${source} is not JSON: ${cause.message}`, { cause })
  }
}

/**
 * Checks a list of deviations.
 *
 * @param source where it comes from, for the error
 * @throws DeviationsError naming the source and every entry that does not fit
 */
export function checkDeviations(value: unknown, source: string): Deviation[] {
  const parsed = v.safeParse(v.array(deviationSchema), value)
  if (parsed.success) return parsed.output
  const problems = parsed.issues.map((issue) => `  ${v.getDotPath(issue) ?? '(list)'}: ${issue.message}`)
  throw new DeviationsError(`${source} is no list of deviations:\n${problems.join('\n')}`)
}

/** Those deviations that can show where resources are controlled in this way: with a hybrid layout, by version 1. */
export function deviationsWith(
  layout: CgroupLayout['kind'],
  deviations: readonly Deviation[],
): readonly Deviation[] {
  const version = layout === 'hybrid' ? 'v1' : layout
  return deviations.filter(({ cgroup }) => cgroup === undefined || cgroup === version)
}

/**
 * The deviation recorded for a test on one runtime and version, if any. A version that cannot be read matches
 * only a record for all versions.
 */
export function findDeviation(
  deviations: readonly Deviation[],
  test: string,
  runtime: { readonly profile: string; readonly version: string | undefined },
): Deviation | undefined {
  return deviations.find(
    (deviation) =>
      deviation.test === test &&
      deviation.runtime === runtime.profile &&
      versionMatches(runtime.version, deviation.versions),
  )
}

function versionMatches(version: string | undefined, range: string): boolean {
  if (range === '*') return true
  const comparable = comparableVersion(version)
  return comparable !== null && satisfies(comparable, range)
}
