import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readMounts } from '../host/index.ts'
import { processesIn } from './cgroup-end.ts'
import { findCgroups } from './cgroup-search.ts'
import { isWithin } from './mount-order.ts'
import type { RecordedContainer } from './recorded-containers.ts'
import { bearsSession } from './session-name.ts'

/** A cgroup that a session left. */
export interface SessionCgroup {
  readonly path: string
  /**
   * `own`: every process in it is the session's. `shared`: a container was, or may have been, in it, but somebody
   * else may be as well: it is removed only once it is empty.
   */
  readonly kind: 'own' | 'shared'
  /** Whether the init of one of the session's containers runs in it. */
  readonly holdsInit: boolean
}

/** Where cgroup hierarchies are mounted, of both versions. */
export function cgroupMountPoints(): string[] {
  const mounts = readMounts().filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
  return [...new Set(mounts.map(({ mountPoint }) => mountPoint))]
}

/**
 * The cgroups of a session, in every hierarchy: those that bear its name, those with the id that a user chose for a
 * container, and those that a runtime recorded for a container.
 */
export function cgroupsOf(session: string, containers: readonly RecordedContainer[]): SessionCgroup[] {
  const mountPoints = cgroupMountPoints()
  const ids = new Set(containers.map(({ id }) => id))
  const inits = containers.flatMap(({ init }) => init?.pid ?? [])
  const named = mountPoints.flatMap((mountPoint) =>
    findCgroups(mountPoint, (name) => bearsSession(name, session) || ids.has(name)),
  )
  const recorded = containers.flatMap(({ cgroups }) => recordedPaths(cgroups, mountPoints))
  const others = recorded.filter((path) => !named.some((known) => isWithin(path, known)))
  return [...named, ...new Set(others)].map((path) => {
    const inside = processesIn(path)
    const holdsInit = inits.some((pid) => inside.includes(pid))
    const isOwn = bearsSession(basename(path), session) || (holdsInit && ids.has(basename(path)))
    return { path, kind: isOwn ? 'own' : 'shared', holdsInit }
  })
}

/** The directories that exist for what a runtime recorded; never the root of a hierarchy. */
function recordedPaths(cgroups: readonly string[], mountPoints: readonly string[]): string[] {
  const candidates = cgroups.flatMap((cgroup) =>
    mountPoints.map((mountPoint) => (isWithin(cgroup, mountPoint) ? cgroup : join(mountPoint, cgroup))),
  )
  return [...new Set(candidates)].filter(
    (path) =>
      mountPoints.some((mountPoint) => isWithin(path, mountPoint) && path !== mountPoint) && existsSync(path),
  )
}
