/** What an option of a mount does. Numbers are those of mount(2) and mount_setattr(2). */
export type MountOptionEffect =
  /** Sets or clears a flag of mount(2). */
  | { readonly kind: 'flag'; readonly flag: number; readonly sets: boolean }
  /** Sets or clears an attribute on the whole tree of mounts, by mount_setattr(2). */
  | { readonly kind: 'recursive'; readonly attribute: number; readonly sets: boolean }
  | { readonly kind: 'propagation'; readonly flag: number; readonly recursive: boolean }
  | { readonly kind: 'bind'; readonly recursive: boolean }
  | { readonly kind: 'idmap'; readonly recursive: boolean }
  | { readonly kind: 'remount' }
  | { readonly kind: 'copy-up' }
  | { readonly kind: 'nothing' }

/** How strongly the specification asks a runtime for an option. */
export type MountOptionLevel = 'MUST' | 'SHOULD' | 'MAY'

/** An option that is the runtime's business; others are for the file system. */
export interface MountOption {
  readonly name: string
  readonly level: MountOptionLevel
  readonly since: '1.1' | '1.2'
  readonly effect: MountOptionEffect
}

/** Flags of mount(2) that options stand for (linux/mount.h). */
export const mountFlags = {
  MS_RDONLY: 0x1,
  MS_NOSUID: 0x2,
  MS_NODEV: 0x4,
  MS_NOEXEC: 0x8,
  MS_SYNCHRONOUS: 0x10,
  MS_REMOUNT: 0x20,
  MS_MANDLOCK: 0x40,
  MS_DIRSYNC: 0x80,
  MS_NOSYMFOLLOW: 0x100,
  MS_NOATIME: 0x400,
  MS_NODIRATIME: 0x800,
  MS_BIND: 0x1000,
  MS_REC: 0x4000,
  MS_SILENT: 0x8000,
  MS_UNBINDABLE: 0x2_0000,
  MS_PRIVATE: 0x4_0000,
  MS_SLAVE: 0x8_0000,
  MS_SHARED: 0x10_0000,
  MS_RELATIME: 0x20_0000,
  MS_I_VERSION: 0x80_0000,
  MS_STRICTATIME: 0x100_0000,
  MS_LAZYTIME: 0x200_0000,
} as const

/** Attributes of mount_setattr(2) that options stand for (linux/mount.h). */
export const mountAttributes = {
  MOUNT_ATTR_RDONLY: 0x1,
  MOUNT_ATTR_NOSUID: 0x2,
  MOUNT_ATTR_NODEV: 0x4,
  MOUNT_ATTR_NOEXEC: 0x8,
  MOUNT_ATTR_RELATIME: 0x0,
  MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20,
  MOUNT_ATTR_NODIRATIME: 0x80,
  MOUNT_ATTR_IDMAP: 0x10_0000,
  MOUNT_ATTR_NOSYMFOLLOW: 0x20_0000,
} as const

type FlagRow = readonly [set: string, clear: string, flag: keyof typeof mountFlags, level: MountOptionLevel]

/** Options that set a flag, each with the one that clears it; an empty name where there is none. */
const flagRows: readonly FlagRow[] = [
  ['ro', 'rw', 'MS_RDONLY', 'MUST'],
  ['nosuid', 'suid', 'MS_NOSUID', 'MUST'],
  ['nodev', 'dev', 'MS_NODEV', 'MUST'],
  ['noexec', 'exec', 'MS_NOEXEC', 'MUST'],
  ['sync', 'async', 'MS_SYNCHRONOUS', 'MUST'],
  ['dirsync', '', 'MS_DIRSYNC', 'MUST'],
  ['noatime', 'atime', 'MS_NOATIME', 'MUST'],
  ['nodiratime', 'diratime', 'MS_NODIRATIME', 'MUST'],
  ['relatime', 'norelatime', 'MS_RELATIME', 'MUST'],
  ['strictatime', 'nostrictatime', 'MS_STRICTATIME', 'MUST'],
  ['lazytime', 'nolazytime', 'MS_LAZYTIME', 'MUST'],
  ['iversion', 'noiversion', 'MS_I_VERSION', 'MUST'],
  ['silent', 'loud', 'MS_SILENT', 'MUST'],
  ['mand', 'nomand', 'MS_MANDLOCK', 'MAY'],
  ['nosymfollow', 'symfollow', 'MS_NOSYMFOLLOW', 'SHOULD'],
]

type RecursiveRow = readonly [set: string, clear: string, attribute: keyof typeof mountAttributes]

const recursiveRows: readonly RecursiveRow[] = [
  ['rro', 'rrw', 'MOUNT_ATTR_RDONLY'],
  ['rnosuid', 'rsuid', 'MOUNT_ATTR_NOSUID'],
  // The table of config.md lacks rnodev, while features.md and the runtimes have it.
  ['rnodev', 'rdev', 'MOUNT_ATTR_NODEV'],
  ['rnoexec', 'rexec', 'MOUNT_ATTR_NOEXEC'],
  ['rnoatime', 'ratime', 'MOUNT_ATTR_NOATIME'],
  ['rnodiratime', 'rdiratime', 'MOUNT_ATTR_NODIRATIME'],
  ['rrelatime', 'rnorelatime', 'MOUNT_ATTR_RELATIME'],
  ['rstrictatime', 'rnostrictatime', 'MOUNT_ATTR_STRICTATIME'],
  ['rnosymfollow', 'rsymfollow', 'MOUNT_ATTR_NOSYMFOLLOW'],
]

const propagations = ['private', 'shared', 'slave', 'unbindable'] as const

const propagationFlags = {
  private: mountFlags.MS_PRIVATE,
  shared: mountFlags.MS_SHARED,
  slave: mountFlags.MS_SLAVE,
  unbindable: mountFlags.MS_UNBINDABLE,
} as const

function option(
  name: string,
  level: MountOptionLevel,
  effect: MountOptionEffect,
  since: '1.1' | '1.2' = '1.1',
): MountOption {
  return { name, level, since, effect }
}

function flagOptions([set, clear, name, level]: FlagRow): MountOption[] {
  const flag = mountFlags[name]
  const both = [
    option(set, level, { kind: 'flag', flag, sets: true }),
    option(clear, level, { kind: 'flag', flag, sets: false }),
  ]
  return both.filter(({ name }) => name !== '')
}

function recursiveOptions([set, clear, name]: RecursiveRow): MountOption[] {
  const attribute = mountAttributes[name]
  return [
    option(set, 'SHOULD', { kind: 'recursive', attribute, sets: true }),
    option(clear, 'SHOULD', { kind: 'recursive', attribute, sets: false }),
  ]
}

function propagationOptions(name: (typeof propagations)[number]): MountOption[] {
  const flag = propagationFlags[name]
  return [
    option(name, 'MUST', { kind: 'propagation', flag, recursive: false }),
    option(`r${name}`, 'MUST', { kind: 'propagation', flag, recursive: true }),
  ]
}

/** Every option the specification gives a meaning (config.md, Linux mount options). */
export const mountOptions: readonly MountOption[] = [
  option('defaults', 'MUST', { kind: 'nothing' }),
  option('remount', 'MUST', { kind: 'remount' }),
  option('bind', 'MUST', { kind: 'bind', recursive: false }),
  option('rbind', 'MUST', { kind: 'bind', recursive: true }),
  option('tmpcopyup', 'MAY', { kind: 'copy-up' }),
  option('idmap', 'SHOULD', { kind: 'idmap', recursive: false }, '1.2'),
  option('ridmap', 'SHOULD', { kind: 'idmap', recursive: true }, '1.2'),
  ...flagRows.flatMap(flagOptions),
  ...recursiveRows.flatMap(recursiveOptions),
  ...propagations.flatMap(propagationOptions),
]
