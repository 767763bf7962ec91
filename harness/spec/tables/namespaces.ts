/** A kind of namespace: its name in a configuration, its link below /proc/PID/ns, and its clone(2) flag. */
export interface NamespaceKind {
  readonly type: NamespaceType
  readonly link: string
  readonly cloneFlag: number
}

/** The eight types a configuration may list (config-linux.md, namespaces). */
export const namespaceTypes = ['mount', 'pid', 'network', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const

export type NamespaceType = (typeof namespaceTypes)[number]

/** Every namespace type with its kernel facts (namespaces(7), linux/sched.h). */
export const namespaceKinds: readonly NamespaceKind[] = [
  { type: 'mount', link: 'mnt', cloneFlag: 0x0002_0000 },
  { type: 'pid', link: 'pid', cloneFlag: 0x2000_0000 },
  { type: 'network', link: 'net', cloneFlag: 0x4000_0000 },
  { type: 'uts', link: 'uts', cloneFlag: 0x0400_0000 },
  { type: 'ipc', link: 'ipc', cloneFlag: 0x0800_0000 },
  { type: 'user', link: 'user', cloneFlag: 0x1000_0000 },
  { type: 'cgroup', link: 'cgroup', cloneFlag: 0x0200_0000 },
  { type: 'time', link: 'time', cloneFlag: 0x0000_0080 },
]
