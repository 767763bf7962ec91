import type { SuiteDeclaration } from '../harness/suite/index.ts'
import { annotations } from './annotations.ts'
import { capabilities } from './capabilities.ts'
import { cgroups } from './cgroups.ts'
import { concurrency } from './concurrency.ts'
import { create } from './create.ts'
import { deletion } from './delete.ts'
import { devices } from './devices.ts'
import { events } from './events.ts'
import { exec } from './exec.ts'
import { features } from './features.ts'
import { hookFailures } from './hook-failures.ts'
import { hooks } from './hooks.ts'
import { hostnameDomainname } from './hostname-domainname.ts'
import { idMappings } from './id-mappings.ts'
import { intelRdt } from './intel-rdt.ts'
import { kill } from './kill.ts'
import { lifecycle } from './lifecycle.ts'
import { list } from './list.ts'
import { maskedReadonlyPaths } from './masked-readonly-paths.ts'
import { memoryPolicy } from './memory-policy.ts'
import { mountLabel } from './mount-label.ts'
import { mountOptions } from './mount-options.ts'
import { mounts } from './mounts.ts'
import { namespaces } from './namespaces.ts'
import { netDevices } from './net-devices.ts'
import { pause } from './pause.ts'
import { personality } from './personality.ts'
import { processes } from './process.ts'
import { resourcesBlkio } from './resources-blkio.ts'
import { resourcesCpu } from './resources-cpu.ts'
import { resourcesDevices } from './resources-devices.ts'
import { resourcesHugetlb } from './resources-hugetlb.ts'
import { resourcesMemory } from './resources-memory.ts'
import { resourcesNetwork } from './resources-network.ts'
import { resourcesPids } from './resources-pids.ts'
import { resourcesRdma } from './resources-rdma.ts'
import { resourcesUnified } from './resources-unified.ts'
import { rlimits } from './rlimits.ts'
import { root } from './root.ts'
import { rootfsPropagation } from './rootfs-propagation.ts'
import { schedulerIoprioAffinity } from './scheduler-ioprio-affinity.ts'
import { seccomp } from './seccomp.ts'
import { seccompNotify } from './seccomp-notify.ts'
import { start } from './start.ts'
import { state } from './state.ts'
import { sysctl } from './sysctl.ts'
import { systemdCgroups } from './systemd-cgroups.ts'
import { terminal } from './terminal.ts'
import { timeOffsets } from './time-offsets.ts'
import { update } from './update.ts'
import { user } from './user.ts'
import { validationErrors } from './validation-errors.ts'

/** Every shipped suite, in the order in which a run shows them. */
export const suites: readonly SuiteDeclaration[] = [
  lifecycle,
  create,
  start,
  state,
  kill,
  deletion,
  processes,
  user,
  capabilities,
  rlimits,
  terminal,
  schedulerIoprioAffinity,
  annotations,
  hostnameDomainname,
  personality,
  sysctl,
  maskedReadonlyPaths,
  exec,
  concurrency,
  pause,
  list,
  events,
  validationErrors,
  features,
  intelRdt,
  hooks,
  hookFailures,
  mounts,
  mountOptions,
  mountLabel,
  idMappings,
  netDevices,
  namespaces,
  root,
  rootfsPropagation,
  timeOffsets,
  devices,
  resourcesDevices,
  cgroups,
  resourcesMemory,
  resourcesCpu,
  resourcesPids,
  resourcesBlkio,
  resourcesHugetlb,
  resourcesNetwork,
  resourcesRdma,
  resourcesUnified,
  systemdCgroups,
  memoryPolicy,
  update,
  seccomp,
  seccompNotify,
]
