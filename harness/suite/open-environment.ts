import { join } from 'node:path'
import { ArchiveStore } from '../archive/index.ts'
import { BundleRegistry } from '../bundle/index.ts'
import type { Session } from '../guard/index.ts'
import { homeDirectories } from '../host/index.ts'
import { referenceSpecOf } from '../runtime/index.ts'
import type { Deviation } from './deviation.ts'
import type { RuntimeUnderTest, SuiteEnvironment } from './environment.ts'
import type { Requirement } from './requirement.ts'

/** What an environment is made of. */
export interface EnvironmentParts {
  readonly session: Session
  readonly runtime: RuntimeUnderTest
  readonly deviations: readonly Deviation[]
  readonly catalogue: ReadonlyMap<string, Requirement>
}

/** Prepares what the tests of one runtime share: its bundles start from its own reference configuration. */
export async function openEnvironment(parts: EnvironmentParts): Promise<SuiteEnvironment> {
  const { session } = parts
  const store = new ArchiveStore({ directory: '/tmp/bb/store', catalogue: { resolve: async (name: string) => ({ name, path: '/tmp/bb/busybox.tar', digest: 'sha256:07bd777296d319d252bd4b6e1d92a12b432d45ae4a32cedf304b6ac991c42ed0' }) } })
  const runtime = await session.runtime(parts.runtime.name)
  const registry = new BundleRegistry({ directory: join(session.bundlesDirectory, 'x' + process.pid + parts.runtime.profile), archives: store, referenceSpec: async () => (await referenceSpecOf(runtime, { directory: join(homeDirectories().archives, 'specs') })).spec })
  return { ...parts, bundles: registry }
}
