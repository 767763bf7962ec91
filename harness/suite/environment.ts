import type { BundleRegistry } from '../bundle/index.ts'
import type { CommandRecord, Runtime } from '../runtime/index.ts'
import type { Deviation } from './deviation.ts'
import type { Requirement } from './requirement.ts'

/** The runtime a suite is bound to, as results name it. */
export interface RuntimeUnderTest {
  /** What the user calls it: the profile's name, or the path that was given. */
  readonly name: string
  readonly command: string
  readonly profile: string
  /** Undefined where the runtime does not say. */
  readonly version: string | undefined
  /** The newest version of the specification it claims to implement. */
  readonly specVersion: string | undefined
  /** Features beside the spec that it is known not to offer. */
  readonly lacks: readonly string[]
}

/** What a test asks of the runtime it gets. */
export interface TestRuntimeOptions {
  /** Starts every container id of the test. */
  readonly idPrefix: string
  readonly observer: (record: CommandRecord) => void
  readonly signal: AbortSignal
}

/** Everything the tests of one run share. */
export interface SuiteEnvironment {
  readonly runtime: RuntimeUnderTest
  readonly deviations: readonly Deviation[]
  readonly catalogue: ReadonlyMap<string, Requirement>
  readonly bundles: BundleRegistry
  /** A driver of the runtime for one test. */
  openRuntime(options: TestRuntimeOptions): Promise<Runtime>
  /** A prefix for the container ids of one test, unique within the session. */
  nextIdPrefix(): string
  /** Makes a private directory below the session's. */
  temporaryDirectory(name: string): Promise<string>
}
