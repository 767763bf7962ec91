/**
 * Containers of the Garden API as OCI configurations: the conversion, the facts of the host it needs, and the tables
 * behind it (capabilities, system calls, masked paths, limits).
 */
export { gardenCapabilities } from './capabilities.ts'
export type {
  GardenBindMount,
  GardenContainer,
  GardenLimits,
  GardenRlimit,
  GardenUserIds,
} from './container.ts'
export { gardenToOciSpec } from './convert.ts'
export { parseDeviceRule } from './device-rules.ts'
export {
  GardenDeviceRuleError,
  GardenEnvironmentError,
  GardenError,
  GardenHandleError,
  GardenHookError,
  GardenHostError,
  GardenLimitError,
  GardenMountError,
  GardenPathError,
  GardenPrivilegeError,
  GardenProcessError,
  GardenPropertyError,
  GardenRootfsError,
  GardenUserError,
} from './errors.ts'
export { readHooksDirectory } from './hook-files.ts'
export { type GardenHost, readGardenHost } from './host.ts'
export { type IdRange, idMappings, parseIdMap } from './id-mappings.ts'
export { gardenMaskedPaths, gardenReadonlyPaths } from './masked-paths.ts'
export { type Privilege, type PrivilegedMode, parsePrivilegedMode, privilegedModes } from './privilege.ts'
export { type GardenProcess, gardenToOciProcess } from './process.ts'
export { gardenRlimits } from './rlimits.ts'
export { gardenSeccompProfile, type SeccompProfileName } from './seccomp.ts'
