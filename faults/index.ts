/** The catalogue of faulty runtimes: one file an area, each fault with the requirements that it violates. */
import type { Fault } from '../harness/fault/index.ts'
import { annotations } from './annotations.ts'
import { bundle } from './bundle.ts'
import { capabilities } from './capabilities.ts'
import { cgroups } from './cgroups.ts'
import { concurrency } from './concurrency.ts'
import { create } from './create.ts'
import { deletion } from './delete.ts'
import { devices } from './devices.ts'
import { events } from './events.ts'
import { exec } from './exec.ts'
import { features } from './features.ts'
import { hollow } from './hollow.ts'
import { hookFailures } from './hook-failures.ts'
import { hooks } from './hooks.ts'
import { hostname } from './hostname.ts'
import { idMappings } from './id-mappings.ts'
import { intelRdt } from './intel-rdt.ts'
import { kill } from './kill.ts'
import { lifecycle } from './lifecycle.ts'
import { list } from './list.ts'
import { maskedReadonlyPaths } from './masked-readonly-paths.ts'
import { memoryPolicy } from './memory-policy.ts'
import { mountOptions } from './mount-options.ts'
import { mounts } from './mounts.ts'
import { namespaces } from './namespaces.ts'
import { netDevices } from './net-devices.ts'
import { pause } from './pause.ts'
import { personality } from './personality.ts'
import { process } from './process.ts'
import { resourceValues } from './resource-values.ts'
import { resources } from './resources.ts'
import { resourcesDevices } from './resources-devices.ts'
import { rlimits } from './rlimits.ts'
import { root } from './root.ts'
import { rootfsPropagation } from './rootfs-propagation.ts'
import { scheduling } from './scheduling.ts'
import { seccomp } from './seccomp.ts'
import { seccompNotify } from './seccomp-notify.ts'
import { start } from './start.ts'
import { state } from './state.ts'
import { sysctl } from './sysctl.ts'
import { terminal } from './terminal.ts'
import { timeOffsets } from './time-offsets.ts'
import { update } from './update.ts'
import { user } from './user.ts'
import { validation } from './validation.ts'

/** Every fault, in the order in which a proof tries them. */
export const faults: readonly Fault[] = [
  ...hostname,
  ...mounts,
  ...mountOptions,
  ...root,
  ...rootfsPropagation,
  ...maskedReadonlyPaths,
  ...devices,
  ...namespaces,
  ...idMappings,
  ...timeOffsets,
  ...netDevices,
  ...process,
  ...hooks,
  ...hookFailures,
  ...lifecycle,
  ...bundle,
  ...create,
  ...start,
  ...state,
  ...kill,
  ...deletion,
  ...concurrency,
  ...pause,
  ...list,
  ...events,
  ...exec,
  ...user,
  ...terminal,
  ...annotations,
  ...features,
  ...rlimits,
  ...capabilities,
  ...resources,
  ...resourceValues,
  ...resourcesDevices,
  ...update,
  ...cgroups,
  ...seccomp,
  ...seccompNotify,
  ...sysctl,
  ...scheduling,
  ...personality,
  ...memoryPolicy,
  ...intelRdt,
  ...validation,
  ...hollow,
]
