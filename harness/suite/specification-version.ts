import coerce from 'semver/functions/coerce.js'
import gt from 'semver/functions/gt.js'
import type { Requirement } from './requirement.ts'

/**
 * The first of the covered requirements that the runtime's version of the specification does not know yet.
 * A runtime that does not say which version it implements is held to all of them.
 *
 * @param specVersion such as `1.0.2-dev`; a pre-release counts as the version it leads to
 */
export function tooNewFor(
  specVersion: string | undefined,
  covered: readonly Requirement[],
): Requirement | undefined {
  const known = coerce(specVersion)
  if (known === null) return undefined
  return covered.find(({ since }) => {
    const introduced = coerce(since)
    return introduced !== null && gt(introduced, known)
  })
}
