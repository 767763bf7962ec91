import { LeakSentinel, type Session } from '../guard/index.ts'
import { cgroupLayout } from '../host/index.ts'
import type { ResolvedRuntime } from '../runtime/index.ts'
import { type Deviation, deviationsWith } from './deviation.ts'
import type { RuntimeUnderTest, SuiteEnvironment } from './environment.ts'
import { Observations } from './observations.ts'
import { Patience } from './patience.ts'
import type { Requirement } from './requirement.ts'

/** What an environment is made of. */
export interface EnvironmentParts {
  readonly session: Session
  readonly runtime: RuntimeUnderTest
  /** What the runtime was resolved to, where that is known: it need not be asked again who it is. */
  readonly resolved?: ResolvedRuntime
  readonly deviations: readonly Deviation[]
  readonly catalogue: ReadonlyMap<string, Requirement>
  /** Watches over what tests leave; one of its own unless told, which knows nothing of other environments' tests. */
  readonly sentinel?: LeakSentinel
  /** How long one command of the runtime may take, in milliseconds; the driver's own limit when absent. */
  readonly commandTimeoutMs?: number
}

/** Prepares what the tests of one runtime share: its bundles start from its own reference configuration. */
export async function openEnvironment({ resolved, ...parts }: EnvironmentParts): Promise<SuiteEnvironment> {
  const { session, runtime, commandTimeoutMs } = parts
  const program = resolved ?? runtime.name
  const patience = new Patience()
  return {
    ...parts,
    program,
    deviations: deviationsWith(cgroupLayout().kind, parts.deviations),
    // There are many, and all stay to the end of the run: as overlays they would cost more than copies do.
    bundles: await session.bundles(program, { privateRootfs: 'copied' }),
    sentinel: parts.sentinel ?? new LeakSentinel(session, { isAlone: false }),
    observations: new Observations(session, program, {
      limitOf: patience.limitOf,
      observer: patience.learn,
      ...(commandTimeoutMs === undefined ? {} : { timeoutMs: commandTimeoutMs }),
    }),
    patience,
  }
}
