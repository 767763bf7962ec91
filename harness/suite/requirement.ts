import * as v from 'valibot'
import { RunwrightError } from '../host/index.ts'

/** The levels a normative statement can have, in the words of RFC 2119 and of the specification. */
export const requirementLevels = [
  'MUST',
  'MUST NOT',
  'REQUIRED',
  'SHOULD',
  'SHOULD NOT',
  'NOT RECOMMENDED',
  'MAY',
  'MAY NOT',
  'OPTIONAL',
] as const

const requirementSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
  level: v.picklist(requirementLevels),
  /** The first version of the specification that states it in its present meaning, such as `1.1`. */
  since: v.pipe(v.string(), v.regex(/^\d+\.\d+(\.\d+)?$/)),
  /** File and heading of the statement in the specification's repository. */
  file: v.string(),
  anchor: v.string(),
  subject: v.picklist(['runtime', 'config', 'caller', 'hook']),
  area: v.string(),
  /** The statement in our own words. */
  statement: v.string(),
  observable: v.picklist(['black-box', 'needs-kernel-feature', 'needs-hardware', 'not-observable']),
  /** How it can be observed. */
  probe: v.string(),
  /** Kernel feature or hardware that observing it takes. */
  requires: v.optional(v.string()),
  kind: v.picklist(['rfc2119', 'derived', 'lowercase']),
  /** Given as optional, yet binding for the runtime once a configuration has it. */
  effect: v.optional(v.literal('MUST')),
  note: v.optional(v.string()),
  /** Why no test covers it: a sentence, of those that none does. */
  untested: v.optional(v.pipe(v.string(), v.regex(/^[A-Z].*\.$/))),
})

/** One normative statement of the OCI runtime specification. */
export type Requirement = v.InferOutput<typeof requirementSchema>

/** The catalogue of requirements cannot be used. */
export class CatalogueError extends RunwrightError {
  override readonly code = 'CATALOGUE'
}

/**
 * Checks a parsed catalogue and gives it back by id.
 *
 * @throws CatalogueError naming the first entries of another shape, or an id that stands twice
 */
export function parseCatalogue(value: unknown): ReadonlyMap<string, Requirement> {
  const parsed = v.safeParse(v.array(requirementSchema), value)
  if (!parsed.success) {
    const problems = parsed.issues.slice(0, 10).map((issue) => `  ${v.getDotPath(issue)}: ${issue.message}`)
    throw new CatalogueError(`the catalogue of requirements is malformed:\n${problems.join('\n')}`)
  }
  const catalogue = new Map<string, Requirement>()
  for (const requirement of parsed.output) {
    if (catalogue.has(requirement.id))
      throw new CatalogueError(`requirement '${requirement.id}' stands twice`)
    catalogue.set(requirement.id, requirement)
  }
  return catalogue
}

/** Where the specification says it, for a reader to follow. */
export function specificationUrl({ file, anchor }: Requirement): string {
  return `https://github.com/opencontainers/runtime-spec/blob/main/${file}#${anchor}`
}
