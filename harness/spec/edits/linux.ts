import type { Device, DeviceRule } from '../schema/devices.ts'
import type { Linux } from '../schema/linux.ts'
import type { IdMapping } from '../schema/mounts.ts'
import type { Seccomp } from '../schema/seccomp.ts'
import type { NamespaceType } from '../tables/namespaces.ts'
import { changing, type Edit } from './edit.ts'

function changingLinux(change: (linux: Linux) => void): Edit {
  return changing((draft) => {
    draft.linux ??= {}
    change(draft.linux)
  })
}

/** Sets members of the Linux part; what is not named stays. */
export function withLinux(members: Partial<Linux>): Edit {
  return changingLinux((linux) => Object.assign(linux, structuredClone(members)))
}

function setNamespace(type: NamespaceType, path: string | undefined): Edit {
  return changingLinux((linux) => {
    const namespaces = linux.namespaces ?? []
    const entry = path === undefined ? { type } : { type, path }
    const present = namespaces.some((namespace) => namespace.type === type)
    linux.namespaces = present
      ? namespaces.map((namespace) => (namespace.type === type ? entry : namespace))
      : [...namespaces, entry]
  })
}

/** Gives the container a new namespace of its own, in place of one it would have joined. */
export function addNamespace(type: NamespaceType): Edit {
  return setNamespace(type, undefined)
}

/**
 * Lets the container join a namespace, in place of making a new one.
 *
 * @param path absolute, such as `/proc/PID/ns/net`.
 */
export function joinNamespace(type: NamespaceType, path: string): Edit {
  return setNamespace(type, path)
}

/** Takes a namespace out: the container shares the runtime's. */
export function withoutNamespace(type: NamespaceType): Edit {
  return changingLinux((linux) => {
    linux.namespaces = (linux.namespaces ?? []).filter((namespace) => namespace.type !== type)
  })
}

/** Gives the container a user namespace with these mappings; the groups' are the users' unless given. */
export function withUserNamespace(
  uidMappings: readonly IdMapping[],
  gidMappings: readonly IdMapping[] = uidMappings,
): Edit {
  return (spec) =>
    withLinux({ uidMappings: [...uidMappings], gidMappings: [...gidMappings] })(addNamespace('user')(spec))
}

/** Sets the path of the container's cgroup. */
export function withCgroupsPath(cgroupsPath: string): Edit {
  return withLinux({ cgroupsPath })
}

/** Sets a kernel parameter, such as `net.ipv4.ip_forward`, or with `undefined` takes it out. */
export function withSysctl(name: string, value: string | undefined): Edit {
  return changingLinux((linux) => {
    const { [name]: _, ...others } = linux.sysctl ?? {}
    linux.sysctl = value === undefined ? others : { ...linux.sysctl, [name]: value }
  })
}

/** Adds device nodes; access to them takes `addDeviceRule`. */
export function addDevice(...devices: readonly Device[]): Edit {
  return changingLinux((linux) => {
    linux.devices = [...(linux.devices ?? []), ...structuredClone(devices)]
  })
}

/** Adds rules behind the device rules there are: a later rule overrides an earlier one. */
export function addDeviceRule(...rules: readonly DeviceRule[]): Edit {
  return changingLinux((linux) => {
    const { resources } = linux
    linux.resources = { ...resources, devices: [...(resources?.devices ?? []), ...structuredClone(rules)] }
  })
}

/** Sets the system call filter, or with `undefined` takes it out. */
export function withSeccomp(seccomp: Seccomp | undefined): Edit {
  return changingLinux((linux) => {
    delete linux.seccomp
    if (seccomp !== undefined) linux.seccomp = structuredClone(seccomp)
  })
}

/** Hides further paths from the container. */
export function addMaskedPaths(...paths: readonly string[]): Edit {
  return changingLinux((linux) => {
    linux.maskedPaths = [...(linux.maskedPaths ?? []), ...paths]
  })
}

/** Makes further paths read-only for the container. */
export function addReadonlyPaths(...paths: readonly string[]): Edit {
  return changingLinux((linux) => {
    linux.readonlyPaths = [...(linux.readonlyPaths ?? []), ...paths]
  })
}
