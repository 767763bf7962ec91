import { readFileSync, statSync } from 'node:fs'
import { type MountEntry, readMounts } from './mounts.ts'

/** Where this machine's cgroup hierarchies are mounted. */
export interface CgroupLayout {
  /** `v2`: one hierarchy for all. `v1`: one for each controller. `hybrid`: v1, with a v2 hierarchy beside it. */
  readonly kind: 'v1' | 'v2' | 'hybrid'
  /**
   * Each controller's mount point; on v1 also the named hierarchies, under `name=systemd` and the like. Empty when no
   * hierarchy is mounted.
   */
  readonly controllers: ReadonlyMap<string, string>
  /** Mount point of the v2 hierarchy. */
  readonly unified?: string
}

/** Looks where cgroup hierarchies are mounted now, see cgroups(7). */
export function cgroupLayout(): CgroupLayout {
  const mounts = readMounts().filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
  return layoutOf(mounts.filter(isVisible), readControllers)
}

/** The layout that a list of mounts makes; `controllersOf` tells the controllers of a v2 hierarchy. */
export function layoutOf(
  mounts: readonly MountEntry[],
  controllersOf: (unified: string) => readonly string[],
): CgroupLayout {
  const legacy = mounts.filter(({ type }) => type === 'cgroup').reverse() // of two mounts, the first counts
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.mountPoint
  const controllers = new Map([
    ...(unified === undefined ? [] : controllersOf(unified).map((name) => [name, unified] as const)),
    ...legacy.flatMap((mount) => legacyControllers(mount).map((name) => [name, mount.mountPoint] as const)),
  ])
  if (unified === undefined) return { kind: 'v1', controllers }
  return { kind: legacy.length === 0 ? 'v2' : 'hybrid', controllers, unified }
}

/** Options of a v1 hierarchy that are not controllers, from the kernel's cgroup1_show_options. */
const otherOptions: readonly string[] = [
  'rw',
  'ro',
  'noprefix',
  'xattr',
  'clone_children',
  'seclabel',
  'none',
]
const otherOptionPattern = /^(cpuset_v2_mode|favordynmods|release_agent=.*|.*context=.*)$/

function legacyControllers({ superOptions }: MountEntry): string[] {
  return superOptions.filter((option) => !otherOptions.includes(option) && !otherOptionPattern.test(option))
}

function readControllers(unified: string): string[] {
  return readFileSync(`${unified}/cgroup.controllers`, 'utf8').trim().split(' ').filter(Boolean)
}

/** Whether a mount is what its mount point shows: not when another mount covers it. */
function isVisible({ mountPoint, device }: MountEntry): boolean {
  const dev = statSync(mountPoint, { throwIfNoEntry: false })?.dev
  return dev !== undefined && `${majorOf(dev)}:${minorOf(dev)}` === device
}

/** The device's major number in stat(2)'s encoding, makedev(3). */
function majorOf(dev: number): number {
  return (dev >>> 8) & 0xfff
}

function minorOf(dev: number): number {
  return (dev & 0xff) | ((dev >>> 12) & 0xfff00)
}
