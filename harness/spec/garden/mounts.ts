import type { Mount } from '../schema/mounts.ts'
import { isWithin } from './absolute-path.ts'
import { GardenMountError } from './errors.ts'
import type { GardenHost } from './host.ts'
import type { Treatment } from './treatment.ts'

/** Where the container's first program is, whatever its root file system holds. */
export const initPath = '/tmp/gdn-init'

/** Group of terminals in most distributions; it owns the slaves in /dev/pts. */
export const ttyGroup = 5

/** Mounts a bind mount may take the place of. The others hold the container together, or hide the host. */
const replaceable: ReadonlySet<string> = new Set(['/dev/shm', '/dev/mqueue', '/sys/fs/cgroup'])

/** What {@link defaultMounts} has to know. */
export interface MountSituation {
  readonly treatment: Treatment
  readonly host: Pick<GardenHost, 'cgroup' | 'initBinary'>
  /** Whether {@link ttyGroup} exists in the container's user namespace. */
  readonly ttyGroupMapped: boolean
}

/** The mounts every garden container has; the first program is the last of them. */
export function defaultMounts({ treatment, host, ttyGroupMapped }: MountSituation): Mount[] {
  const readonly = treatment.writableKernelFileSystems ? [] : ['ro']
  const terminalGroup = ttyGroupMapped ? [`gid=${ttyGroup}`] : []
  const confined = ['nosuid', 'noexec', 'nodev']
  const cgroup = host.cgroup === 'v2' ? 'cgroup2' : 'cgroup'
  return [
    mount('/proc', 'proc', 'proc', confined),
    mount('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', 'devpts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      ...terminalGroup,
    ]),
    mount('/dev/shm', 'tmpfs', 'shm', [...confined, 'mode=1777']),
    mount('/dev/mqueue', 'mqueue', 'mqueue', [...confined]),
    mount('/sys', 'sysfs', 'sysfs', [...confined, ...readonly]),
    mount('/sys/fs/cgroup', cgroup, cgroup, [...readonly, ...confined]),
    // Readonly, or a privileged container could rewrite the program on the host.
    mount(initPath, 'bind', host.initBinary, ['bind', 'ro']),
  ]
}

function mount(destination: string, type: string, source: string, options: string[]): Mount {
  return { destination, type, source, options }
}

/**
 * Puts a container's own mounts (destinations clean) after the default ones.
 *
 * - A mount on /dev/shm, /dev/mqueue or /sys/fs/cgroup takes the place of the default one.
 * - A mount on or above any other default mount is refused.
 * - A mount above the first program, such as one on /tmp, is followed by the program's mount instead of hiding it.
 * - Two mounts on one destination are refused.
 *
 * @throws {GardenMountError} that names the mount and what it clashes with.
 */
export function combineMounts(defaults: readonly Mount[], own: readonly Mount[]): Mount[] {
  own.forEach((mount, position) => {
    checkAgainst(mount, own.slice(0, position))
    checkAgainstDefaults(mount, defaults)
  })
  const kept = defaults.filter((standard) => !own.some((mount) => mount.destination === standard.destination))
  if (!own.some((mount) => isWithin(initPath, mount.destination))) return [...kept, ...own]
  const isInit = (mount: Mount) => mount.destination === initPath
  return [...kept.filter((mount) => !isInit(mount)), ...own, ...kept.filter(isInit)]
}

function checkAgainst(mount: Mount, earlier: readonly Mount[]): void {
  const same = earlier.find(({ destination }) => destination === mount.destination)
  if (same === undefined) return
  throw new GardenMountError(
    `'${mount.source}' and '${same.source}' are both mounted on '${mount.destination}': keep one`,
  )
}

function checkAgainstDefaults(mount: Mount, defaults: readonly Mount[]): void {
  const clash = defaults.find((standard) => mustStay(standard.destination, mount.destination))
  if (clash === undefined) return
  throw new GardenMountError(
    `'${mount.source}' on '${mount.destination}' would hide the container's own ${clash.destination}: mount it elsewhere`,
  )
}

function mustStay(standard: string, destination: string): boolean {
  if (replaceable.has(standard)) return false
  if (standard === initPath) return destination === initPath
  return isWithin(standard, destination)
}
