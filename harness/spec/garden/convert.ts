import type { Linux } from '../schema/linux.ts'
import type { Spec } from '../schema/spec.ts'
import { annotations } from './annotations.ts'
import { bindMounts } from './bind-mounts.ts'
import { cgroupsPath } from './cgroups-path.ts'
import type { GardenContainer } from './container.ts'
import { deviceNodes, deviceRules } from './devices.ts'
import { checkHandle } from './handle.ts'
import { passHooks } from './hooks.ts'
import { type GardenHost, readGardenHost } from './host.ts'
import { idMappings, isMapped } from './id-mappings.ts'
import { limitResources } from './limits.ts'
import { hiddenPaths } from './masked-paths.ts'
import { combineMounts, defaultMounts, ttyGroup } from './mounts.ts'
import { newNamespaces } from './namespaces.ts'
import { initProcess } from './process.ts'
import { rootfsDirectory } from './rootfs.ts'
import { gardenSeccompProfile } from './seccomp.ts'
import { type Treatment, treatmentOf } from './treatment.ts'

/** The specification the configurations follow: `errnoRet` of the system call filter is of this version. */
const ociVersion = '1.1.0'

/**
 * Turns a container of the Garden API into an OCI configuration a runtime starts as it is.
 *
 * What is wrong is reported one at a time, in this order: handle, root file system, bind mounts, then the rest.
 * The result shares nothing with the input, nor with earlier results.
 *
 * @param host Facts of the machine and the engine that are already known; the others are read from this machine.
 * @throws {GardenError} a subclass for the part of the container that is wrong; nothing else, for well-typed input.
 */
export function gardenToOciSpec(container: GardenContainer, host?: Partial<GardenHost>): Spec {
  checkHandle(container.handle)
  const rootfs = rootfsDirectory(container)
  const facts = readGardenHost(host)
  const mounts = [
    ...bindMounts('bind mount', container.bindMounts ?? [], facts),
    ...bindMounts('network mount', container.networkMounts ?? [], facts),
  ]
  const treatment = treatmentOf(container.privilege)
  const gidMappings = treatment.userNamespace ? idMappings(facts.gidMap) : undefined
  const ttyGroupMapped = gidMappings === undefined || isMapped(ttyGroup, gidMappings)
  return {
    ociVersion,
    process: initProcess(container, treatment, facts),
    root: { path: rootfs },
    hostname: container.handle,
    mounts: combineMounts(defaultMounts({ treatment, host: facts, ttyGroupMapped }), mounts),
    ...(container.hooks && { hooks: passHooks(container.hooks) }),
    annotations: annotations(container.properties),
    linux: linuxOf(container, treatment, facts),
  }
}

function linuxOf(container: GardenContainer, treatment: Treatment, host: GardenHost): Linux {
  const path = cgroupsPath(container.handle, treatment)
  return {
    ...(treatment.userNamespace && {
      uidMappings: idMappings(host.uidMap),
      gidMappings: idMappings(host.gidMap),
    }),
    ...(path !== undefined && { cgroupsPath: path }),
    resources: {
      devices: deviceRules(container.deviceRules ?? []),
      ...limitResources(container.limits ?? {}, host),
    },
    devices: deviceNodes(treatment),
    namespaces: newNamespaces(treatment, host),
    ...(treatment.seccomp && { seccomp: gardenSeccompProfile(treatment.seccomp) }),
    ...hiddenPaths(container, treatment),
  }
}
