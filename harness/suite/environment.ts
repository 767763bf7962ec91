import type { BundleRegistry } from '../bundle/index.ts'
import type { LeakKind, LeakSentinel, Session } from '../guard/index.ts'
import type { ResolvedRuntime, RuntimeFeature } from '../runtime/index.ts'
import type { Deviation } from './deviation.ts'
import type { Observations } from './observations.ts'
import type { Patience } from './patience.ts'
import type { Requirement } from './requirement.ts'

/** The runtime a suite is bound to, as results name it. */
export interface RuntimeUnderTest {
  /** What the user calls it: the profile's name, or the path that was given. */
  readonly name: string
  /** Absolute path of the program. */
  readonly command: string
  readonly profile: string
  /** Undefined where the runtime does not say. */
  readonly version: string | undefined
  /** The newest version of the specification that it claims to implement. */
  readonly specVersion: string | undefined
  /** Features beside the specification that it is known not to offer. */
  readonly lacks: readonly RuntimeFeature[]
  /** Kinds of things that it is known to leave of a container that it cannot create; see `RuntimeProfile`. */
  readonly leaves: readonly LeakKind[]
}

/** Everything that the tests of one runtime share in a run. */
export interface SuiteEnvironment {
  readonly session: Session
  readonly runtime: RuntimeUnderTest
  /** What its drivers are made from: its name, which has yet to be resolved, or what somebody has resolved it to. */
  readonly program: string | ResolvedRuntime
  readonly deviations: readonly Deviation[]
  readonly catalogue: ReadonlyMap<string, Requirement>
  readonly bundles: BundleRegistry
  readonly observations: Observations
  readonly sentinel: LeakSentinel
  readonly patience: Patience
  /** How long one command of the runtime may take, in milliseconds; the driver's own limit when absent. */
  readonly commandTimeoutMs?: number
}
