/** What the reference configurations of the runtimes have in common. Member order is theirs: it shows in the text. */
import type { Mount } from '../schema/mounts.ts'
import type { NamespaceType } from '../tables/namespaces.ts'

/** Enough for a shell, and nothing more. */
export const capabilities: readonly string[] = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']

export const env: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'TERM=xterm',
]

/** One limit, in the order the runtimes print it. */
export const fileLimit = { type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 } as const

type MountRow = readonly [destination: string, type: string, source: string, ...options: string[]]

const mountRows: readonly MountRow[] = [
  ['/proc', 'proc', 'proc'],
  ['/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  ['/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  ['/dev/shm', 'tmpfs', 'shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  ['/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'],
  ['/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'],
  ['/sys/fs/cgroup', 'cgroup', 'cgroup', 'nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
]

/** The seven mounts. */
export function mounts(): Mount[] {
  return mountRows.map(([destination, type, source, ...options]) =>
    options.length === 0 ? { destination, type, source } : { destination, type, source, options },
  )
}

export const namespaces: readonly NamespaceType[] = ['pid', 'network', 'ipc', 'uts', 'mount']

export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/sys/firmware',
  '/proc/scsi',
]

export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/** Denies every device; the runtimes allow their defaults on top. */
export const denyAllDevices = { allow: false, access: 'rwm' } as const
