import type { ExpectStatic } from 'vitest'
import type { Bundle, BundleOptions, SpecFilter } from '../bundle/index.ts'
import type { InsideObservation } from '../probe/index.ts'
import type { Runtime } from '../runtime/index.ts'

/** The bundles of one suite: their names are its own, whatever other suites call theirs. */
export interface SuiteBundles {
  /** A bundle of the busybox archive that runs `args`; see `BundleRegistry.createBusyboxBundle`. */
  busybox(
    name: string,
    args: readonly string[],
    filter?: SpecFilter,
    options?: BundleOptions,
  ): Promise<Bundle>
  /** A bundle of any archive of the catalogue; see `BundleRegistry.createBundleWithFilter`. */
  from(
    source: string,
    name: string,
    args: readonly string[],
    filter?: SpecFilter,
    options?: BundleOptions,
  ): Promise<Bundle>
}

/** What the body of a test is given. */
export interface TestContext {
  /** The runtime under test. What this test creates with it is removed when the test has ended, however it ended. */
  readonly runtime: Runtime
  readonly bundles: SuiteBundles
  /**
   * What a process reports of itself that runs in a container with this configuration. Tests that ask for the same
   * name share one container; a test that compares two configurations asks for two.
   *
   * @param name of the bundle, as for `bundles.busybox`
   * @param filter changes the runtime's reference spec; it must not change the program
   * @throws RuntimeError; NoReportError when the container reported nothing, which makes the test `broken`
   */
  readonly observe: (name: string, filter?: SpecFilter) => Promise<InsideObservation>
  /** vitest's `expect` with the matchers of the harness. */
  readonly expect: ExpectStatic
  /**
   * A positive control: does what has to work for the test to mean anything. If it does not, the test is `broken`.
   *
   * @param what what is shown, as the end of the sentence "it could not be shown that …"
   * @param body does it; its result is passed on
   * @throws ControlFailedError
   */
  readonly control: <T>(what: string, body: () => Promise<T>) => Promise<T>
  /** A container id of this test's own, for calls that name one. */
  readonly id: (suffix?: string) => string
  /** A private directory of this test's own, removed after it. */
  readonly temporaryDirectory: () => Promise<string>
  /** Fires at the test's deadline and when the run is cancelled. */
  readonly signal: AbortSignal
}
