import type { JsonPath } from '../json/path.ts'
import type { DeepReadonly } from '../schema/readonly.ts'
import type { Spec } from '../schema/spec.ts'
import type { Finding } from './problem.ts'
import { parseSemanticVersion, type SemanticVersion } from './semantic-version.ts'
import type { SoundPart } from './sound-part.ts'

/** What a check looks at: a configuration from which the parts of a wrong shape were left out. */
export interface Subject {
  readonly spec: DeepReadonly<Spec>
  /** `undefined` when the configuration does not say. */
  readonly version: SemanticVersion | undefined
  /** The items of a list with the places they have in the configuration as it was given. */
  readonly entries: SoundPart<unknown>['entries']
  /** Whether nothing was left out at, in or around a part: only then does its absence mean anything. */
  readonly isSound: (path: JsonPath) => boolean
}

/** Looks for problems of one area; the order among its findings does not matter. */
export type Check = (subject: Subject) => Iterable<Finding>

/** The subject that checks look at. */
export function subjectOf(
  { value: spec, entries }: SoundPart<DeepReadonly<Spec>>,
  isSound: Subject['isSound'],
): Subject {
  return { spec, version: parseSemanticVersion(spec.ociVersion), entries, isSound }
}
