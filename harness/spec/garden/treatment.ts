import type { Capability } from '../tables/capabilities.ts'
import { gardenCapabilities } from './capabilities.ts'
import { GardenPrivilegeError } from './errors.ts'
import { type Privilege, type PrivilegedMode, parsePrivilegedMode } from './privilege.ts'
import type { SeccompProfileName } from './seccomp.ts'

/** What a container's privilege decides about its configuration. */
export interface Treatment {
  /** Whether root inside is nobody outside: a user namespace with id mappings. */
  readonly userNamespace: boolean
  /** Whether the container has a cgroup of its own below `garden/`, and sees only that. */
  readonly ownCgroup: boolean
  readonly capabilities: readonly Capability[]
  readonly seccomp: SeccompProfileName | undefined
  /** Whether there is a /dev/fuse. */
  readonly fuseDevice: boolean
  /** Whether /sys and the cgroups can be written. */
  readonly writableKernelFileSystems: boolean
  /** Whether what the kernel tells about the host is masked or readonly. */
  readonly hiddenKernelPaths: boolean
  /** Unless the container says otherwise. */
  readonly noNewPrivileges: boolean
}

const unprivileged: Treatment = {
  userNamespace: true,
  ownCgroup: true,
  capabilities: gardenCapabilities.unprivileged,
  seccomp: 'default',
  fuseDevice: false,
  writableKernelFileSystems: false,
  hiddenKernelPaths: true,
  noNewPrivileges: true,
}

const privileged: Readonly<Record<PrivilegedMode, Treatment>> = {
  full: {
    userNamespace: false,
    ownCgroup: false,
    capabilities: gardenCapabilities.full,
    seccomp: undefined,
    fuseDevice: true,
    writableKernelFileSystems: true,
    hiddenKernelPaths: false,
    noNewPrivileges: false,
  },
  ignore: unprivileged,
  'fuse-only': {
    ...unprivileged,
    capabilities: gardenCapabilities.fuseOnly,
    seccomp: 'fuse',
    fuseDevice: true,
    // fusermount is a setuid program.
    noNewPrivileges: false,
  },
}

/**
 * How a container of this privilege is treated; without one it is unprivileged.
 *
 * @throws {GardenPrivilegeError} for a privilege or mode the types do not know.
 */
export function treatmentOf(privilege: Privilege = { kind: 'unprivileged' }): Treatment {
  switch (privilege.kind) {
    case 'unprivileged':
      return unprivileged
    case 'privileged':
      return privileged[parsePrivilegedMode(privilege.mode)]
    default:
      return unknownPrivilege(privilege)
  }
}

function unknownPrivilege(privilege: never): never {
  throw new GardenPrivilegeError(
    `unknown privilege ${JSON.stringify(privilege)}: its kind is 'unprivileged' or 'privileged'`,
  )
}
