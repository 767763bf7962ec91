import { lstatSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identifyProcess } from '../host/index.ts'
import { findCgroups } from './cgroup-search.ts'
import { cgroupMountPoints } from './session-cgroups.ts'

/**
 * What the harness makes for a moment outside any session, with the pid of its maker in its name: directories and
 * cgroups in which a need of a test is tried, and the like.
 */
const names = /^runwright-(?:probe|version|apt)-(\d+)-/

/** A name of something made for a moment, whose maker is dead: only a process that was killed leaves such a thing. */
export function isAbandoned(name: string): boolean {
  const [, pid] = names.exec(name) ?? []
  return pid !== undefined && identifyProcess(Number(pid)) === undefined
}

/** Abandoned directories of this user among the system's temporary files. */
export function abandonedDirectories(temporary = tmpdir()): string[] {
  return readdirSync(temporary)
    .filter(isAbandoned)
    .map((name) => join(temporary, name))
    .filter((path) => {
      const stats = lstatSync(path, { throwIfNoEntry: false })
      return stats?.isDirectory() === true && stats.uid === process.geteuid?.()
    })
}

/** Abandoned cgroups. */
export function abandonedCgroups(): string[] {
  return cgroupMountPoints().flatMap((mountPoint) => findCgroups(mountPoint, isAbandoned))
}
