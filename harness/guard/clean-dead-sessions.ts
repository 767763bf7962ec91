import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { homeDirectories, readMounts } from '../host/index.ts'
import { abandonedCgroups, abandonedDirectories } from './abandoned.ts'
import { cgroupTree } from './cgroup-search.ts'
import { type CleanOptions, cleanSession, defaultDeadlineMs, nothingDone } from './clean-session.ts'
import { Deadline } from './deadline.ts'
import { removeIfEmpty } from './empty-directory.ts'
import { isMarkedKept } from './kept.ts'
import type { LeakKind, Remnant } from './leak.ts'
import { stateOfOwner } from './owner.ts'
import { processOfTransient } from './publish.ts'
import { type Obstacle, removeTree } from './remove-tree.ts'
import type { SessionCleaning } from './session-cleaner.ts'
import { isSessionId } from './session-name.ts'
import { readBundlesStamp, SessionRefusedError } from './session-record.ts'
import { namesIn, removeDeadTransients } from './transients.ts'
import { unmountWithin } from './unmount.ts'

/** What became of the sessions on a machine. */
export interface CleanReport {
  /** The sessions of dead owners, and those found alive. */
  readonly sessions: readonly SessionCleaning[]
  /** What was left alone because it is not, or not safely, a session of this user's. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[]
  /** What was left by sessions that had no directory any more and could not be removed. */
  readonly remaining: readonly Remnant[]
}

export interface CleanDeadOptions extends CleanOptions {
  /** Whether to clean also those that were kept to be looked at. */
  readonly kept?: boolean | undefined
  /** Where sessions are recorded; the usual place unless told. */
  readonly sessions?: string | undefined
  /** Where bundles of sessions are; the usual place unless told. */
  readonly bundles?: string | undefined
}

/**
 * Cleans every session whose owner is dead: killed, or ended without closing it, or of before the last reboot. Those
 * that live are left alone and reported as `alive`.
 *
 * Bundles of sessions that a reboot has made forget themselves are removed as well, what a killed process had made for
 * a moment outside a session, and the directory of the sessions when it has become empty.
 */
export async function cleanDeadSessions(options: CleanDeadOptions = {}): Promise<CleanReport> {
  const { sessions, bundles } = { ...homeDirectories(), ...definedOnly(options) }
  const sweep = new Sweep(new Deadline(options.deadlineMs ?? defaultDeadlineMs), options.kept ?? false)
  for (const name of namesIn(sessions)) await sweep.session(join(sessions, name), name)
  for (const name of namesIn(bundles).filter(isSessionId)) await sweep.bundles(join(bundles, name))
  for (const home of [sessions, bundles]) await sweep.transients(home)
  for (const path of abandonedDirectories()) await sweep.directory(path)
  // Only those without processes can be removed; what lives in one is not ours to judge.
  for (const path of abandonedCgroups().flatMap(cgroupTree).reverse()) removeIfEmpty(path)
  removeIfEmpty(sessions)
  const { sessions: done, refused, remaining } = sweep
  return { sessions: done, refused, remaining }
}

class Sweep {
  readonly sessions: SessionCleaning[] = []
  readonly refused: { readonly path: string; readonly reason: string }[] = []
  readonly remaining: Remnant[] = []
  readonly #deadline: Deadline
  readonly #withKept: boolean

  constructor(deadline: Deadline, withKept: boolean) {
    this.#deadline = deadline
    this.#withKept = withKept
  }

  async session(path: string, name: string): Promise<void> {
    if (isSessionId(name)) await this.#clean(path)
    else if (processOfTransient(name) === undefined) {
      this.refused.push({ path, reason: 'its name is not that of a session' })
    }
  }

  async transients(home: string): Promise<void> {
    this.#left('file', await removeDeadTransients(home, this.#deadline))
  }

  async #clean(path: string): Promise<void> {
    try {
      const isKept = !this.#withKept && isMarkedKept(path)
      const options = { deadlineMs: this.#deadline.remainingMs }
      this.sessions.push(isKept ? nothingDone(path, 'kept') : await cleanSession(path, options))
    } catch (error) {
      if (!(error instanceof SessionRefusedError)) throw error
      this.refused.push({ path, reason: error.message })
    }
  }

  /** Removes a session's bundles when its owner is dead and its directory, which would name them, is gone. */
  async bundles(path: string): Promise<void> {
    const record = readBundlesStamp(path)
    if (record === undefined || stateOfOwner(record.owner) !== 'dead') return
    if (lstatSync(record.directory, { throwIfNoEntry: false }) === undefined) await this.directory(path)
  }

  /** Removes a directory with all that is in it. */
  async directory(path: string): Promise<void> {
    this.#left('mount', unmountWithin([path], this.#deadline).obstacles)
    const mountPoints = readMounts().map(({ mountPoint }) => mountPoint)
    this.#left('file', await removeTree(path, { mountPoints, deadline: this.#deadline }))
  }

  #left(kind: LeakKind, obstacles: readonly Obstacle[]): void {
    this.remaining.push(...obstacles.map(({ path, reason }) => ({ kind, what: path, reason })))
  }
}

function definedOnly({ sessions, bundles }: CleanDeadOptions) {
  return { ...(sessions === undefined ? {} : { sessions }), ...(bundles === undefined ? {} : { bundles }) }
}
