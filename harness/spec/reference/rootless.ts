import type { Mount } from '../schema/mounts.ts'
import type { Spec } from '../schema/spec.ts'

/** Whose container it will be, by the ids on the host. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

const ownerOption = /^[ug]id=/

function withoutOwner(mount: Mount): Mount {
  const { options, ...rest } = mount
  if (options === undefined) return rest
  return { ...rest, options: options.filter((option) => !ownerOption.test(option)) }
}

/** Unprivileged users may not mount sysfs in a network namespace they do not own, so the host's is bound. */
function boundSys(): Mount {
  return {
    destination: '/sys',
    type: 'none',
    source: '/sys',
    options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
  }
}

/** What `runc spec --rootless` does to its reference configuration. */
export function runcRootless(spec: Spec, { uid, gid }: Owner): Spec {
  const { resources: _, namespaces = [], ...linux } = spec.linux ?? {}
  const kept = namespaces.filter(({ type }) => type !== 'network' && type !== 'user')
  return {
    ...spec,
    mounts: (spec.mounts ?? []).map((mount) =>
      mount.destination === '/sys' ? boundSys() : withoutOwner(mount),
    ),
    linux: {
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      namespaces: [...kept, { type: 'user' }],
      ...linux,
    },
  }
}

/** What `crun spec --rootless` does to its reference configuration: crun finds mappings itself when it runs. */
export function crunRootless(spec: Spec): Spec {
  const { namespaces = [], ...linux } = spec.linux ?? {}
  const shared = namespaces.filter(({ type }) => type !== 'mount' && type !== 'cgroup')
  const last = namespaces.filter(({ type }) => type === 'mount' || type === 'cgroup')
  return {
    ...spec,
    mounts: (spec.mounts ?? []).map(withoutOwner),
    linux: {
      ...(linux.resources && { resources: linux.resources }),
      namespaces: [...shared, { type: 'user' }, ...last],
      ...linux,
    },
  }
}
