import type { OldSpec } from '../../schema/old-spec.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import { ociArchitecture } from '../../tables/architectures.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

/** Whether a configuration from before 1.0.0-rc6 is for this machine. */
export function* checkPlatform({ platform }: DeepReadonly<OldSpec>): Iterable<Finding> {
  if (platform.os !== process.platform) {
    const message = `must be this machine's, ${process.platform}, but is ${show(platform.os)}`
    yield { code: 'PLATFORM_OS', path: ['platform', 'os'], value: platform.os, message }
  }
  const here = ociArchitecture()
  if (platform.arch !== here) {
    const message = `must be this machine's, ${here}, but is ${show(platform.arch)}`
    yield { code: 'PLATFORM_ARCH', path: ['platform', 'arch'], value: platform.arch, message }
  }
}
