/**
 * Looking at a container: typed observations of its processes, mounts and cgroups, from the host and from inside.
 */
export { cgroupDirectoriesNamed } from './cgroup-directories.ts'
export { fileFormat, type ObservedFile, parseFiles } from './devices.ts'
export { InsideObservation } from './inside-observation.ts'
export { NoReportError } from './inside-report.ts'
export { insideScript } from './inside-script.ts'
export { NoCgroupError, ObservedCgroup } from './observed-cgroup.ts'
export {
  capabilitiesIn,
  type ObservedCapabilities,
  type ObservedIdMapping,
  type ObservedLimit,
  type ObservedScheduling,
  parseIdMap,
  parseLimits,
  parseScheduling,
} from './process-files.ts'
export {
  observeDescriptors,
  observeProcess,
  type ProcessObservation,
  parseCgroups,
  parseStatus,
} from './process-observation.ts'
