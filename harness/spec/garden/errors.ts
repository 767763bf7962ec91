import { RunwrightError } from '../../host/index.ts'

/** Everything the garden conversion refuses; one subclass for each part of the input. */
export abstract class GardenError extends RunwrightError {}

/** The handle is missing, or cannot be a container id and a host name. */
export class GardenHandleError extends GardenError {
  override readonly code = 'GARDEN_HANDLE'
}

/** The root file system is missing, given twice, or not a directory the conversion takes. */
export class GardenRootfsError extends GardenError {
  override readonly code = 'GARDEN_ROOTFS'
}

/** A bind or network mount is incomplete, contradicts another mount, or has no source. */
export class GardenMountError extends GardenError {
  override readonly code = 'GARDEN_MOUNT'
}

/** The privilege is none of those there are. */
export class GardenPrivilegeError extends GardenError {
  override readonly code = 'GARDEN_PRIVILEGE'
}

/** A cgroup or resource limit the kernel could not take. */
export class GardenLimitError extends GardenError {
  override readonly code = 'GARDEN_LIMIT'
}

/** A line of the device allow list that is not `type major:minor access`. */
export class GardenDeviceRuleError extends GardenError {
  override readonly code = 'GARDEN_DEVICE_RULE'
}

/** An entry of the environment that is not `NAME=value`. */
export class GardenEnvironmentError extends GardenError {
  override readonly code = 'GARDEN_ENVIRONMENT'
}

/** The user of a process does not exist in the container, or cannot. */
export class GardenUserError extends GardenError {
  override readonly code = 'GARDEN_USER'
}

/** The program of a process, or where it starts, cannot be. */
export class GardenProcessError extends GardenError {
  override readonly code = 'GARDEN_PROCESS'
}

/** A path that is to be masked or readonly is not absolute. */
export class GardenPathError extends GardenError {
  override readonly code = 'GARDEN_PATH'
}

/** A property that cannot be an annotation: it has no name. */
export class GardenPropertyError extends GardenError {
  override readonly code = 'GARDEN_PROPERTY'
}

/** A hook, or a file that declares hooks, is not usable. */
export class GardenHookError extends GardenError {
  override readonly code = 'GARDEN_HOOK'
}

/** A fact about the host could not be read from the kernel. */
export class GardenHostError extends GardenError {
  override readonly code = 'GARDEN_HOST'
}
