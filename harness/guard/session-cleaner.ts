import { readdirSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isProcessAlive, type ProcessIdentity, readMounts } from '../host/index.ts'
import { emptyCgroup, processesIn, removeCgroup, thawCgroup } from './cgroup-end.ts'
import { isClaim } from './clean-claim.ts'
import { Deadline } from './deadline.ts'
import { removeIfEmpty } from './empty-directory.ts'
import type { Leak, LeakKind, Remnant } from './leak.ts'
import { readMembers } from './members.ts'
import { networkNamespacesOf } from './network-namespaces.ts'
import { isOwnMount } from './own-mounts.ts'
import { identityOf } from './owner.ts'
import { commandsOf, describeProcess, endProcesses, familyOf } from './processes.ts'
import { transientName } from './publish.ts'
import { endReaper, readReaper } from './reaper-record.ts'
import { type RecordedContainer, recordedContainers } from './recorded-containers.ts'
import { removeTree } from './remove-tree.ts'
import { deleteContainers } from './runtime-deletion.ts'
import { type RuntimeRecord, readRuntimeRecords } from './runtime-record.ts'
import { cgroupsOf, type SessionCgroup } from './session-cgroups.ts'
import { bearsPrefix } from './session-name.ts'
import { recordName, type SessionRecord } from './session-record.ts'
import { removeDeadTransients } from './transients.ts'
import { unmountWithin } from './unmount.ts'

/**
 * What became of a session:
 *
 * - `cleaned`: nothing of it is left
 * - `incomplete`: something could not be removed; its record is kept, for another try
 * - `busy`: another process was still cleaning it at the deadline
 * - `gone`: there was nothing, or another process had just cleaned it
 * - `alive`: its owner lives, or lives elsewhere for all that can be told; it was left alone
 * - `kept`: a user wants to look at it (`Session.keep`); it was left alone
 */
export type CleanOutcome = 'cleaned' | 'incomplete' | 'busy' | 'gone' | 'alive' | 'kept'

export interface SessionCleaning {
  readonly directory: string
  readonly outcome: CleanOutcome
  /** What there was outside its directories, and processes: not its own files, which every session has. */
  readonly removed: readonly Leak[]
  readonly remaining: readonly Remnant[]
}

/** One cleaning of one session. The order of its steps is what makes each of them possible. */
export class SessionCleaner {
  readonly #record: SessionRecord
  readonly #directory: string
  readonly #deadline: Deadline
  #runtimes: readonly RuntimeRecord[] = []
  #containers: readonly RecordedContainer[] = []
  readonly #removed: Leak[] = []
  readonly #remaining: Remnant[] = []
  readonly #killed = new Map<ProcessIdentity, string>()

  constructor(record: SessionRecord, directory: string, deadline: Deadline) {
    this.#record = record
    this.#directory = directory
    this.#deadline = deadline
  }

  #readRecords(): void {
    this.#runtimes = readRuntimeRecords(this.#directory)
    this.#containers = recordedContainers(this.#runtimes)
  }

  async clean(members: 'end' | 'leave'): Promise<SessionCleaning> {
    const reaper = readReaper(this.#directory)
    this.#readRecords()
    this.#thaw() // what is frozen dies of nothing
    if (members === 'end')
      await this.#end(readMembers(this.#directory).flatMap((member) => identityOf(member) ?? []))
    await this.#endCommands()
    this.#readRecords() // nobody makes anything any more
    this.#thaw()
    await this.#endContainers()
    await this.#deleteContainers()
    await this.#endCommands() // what a runtime that hangs has left
    await this.#endCgroups()
    this.#unmount()
    await this.#removeNamespaces()
    this.#judgeKilled()
    if (this.#remaining.length === 0) await this.#removeFiles()
    if (this.#remaining.length > 0) return this.#report('incomplete')
    await endReaper(reaper, this.#deadline)
    return this.#report('cleaned')
  }

  #report(outcome: CleanOutcome): SessionCleaning {
    return { directory: this.#directory, outcome, removed: this.#removed, remaining: this.#remaining }
  }

  get #marks() {
    return { id: this.#record.id, directory: this.#directory }
  }

  #cgroups(): readonly SessionCgroup[] {
    return cgroupsOf(this.#record.id, this.#containers)
  }

  /** Ends commands under way; containers wait for their turn, since the runtime deletes them more thoroughly. */
  async #endCommands(): Promise<void> {
    const contained = familyOf(this.#containers.flatMap(processesOf)).map(({ pid }) => pid)
    await this.#end(commandsOf(this.#marks).filter(({ pid }) => !contained.includes(pid)))
  }

  #thaw(): void {
    for (const { path, kind, holdsInit } of this.#cgroups()) if (kind === 'own' || holdsInit) thawCgroup(path)
  }

  /** Kills processes and waits for their end. One that is still held up, by a freezer, may yet end later. */
  async #end(processes: readonly ProcessIdentity[]): Promise<void> {
    const others = processes.filter((identity) => identity.pid !== process.pid && isProcessAlive(identity))
    for (const identity of others) this.#killed.set(identity, describeProcess(identity))
    await endProcesses(others, this.#part(0.2))
  }

  /** Looks at the end which of the killed processes are gone. */
  #judgeKilled(): void {
    for (const identity of this.#containers.flatMap(processesOf).filter(isProcessAlive)) {
      this.#remains('process', describeProcess(identity), 'it does not end when it is killed')
    }
    for (const [identity, what] of this.#killed) {
      if (isProcessAlive(identity)) this.#remains('process', what, 'it does not end when it is killed')
      else this.#removed.push({ kind: 'process', what })
    }
  }

  /** Kills the containers before they are deleted: a runtime takes ten times as long to delete one that runs. */
  async #endContainers(): Promise<void> {
    const processes = familyOf(this.#containers.flatMap(processesOf))
    const left = await endProcesses(processes, this.#part(0.3))
    for (const identity of left)
      this.#remains('process', describeProcess(identity), 'it does not end when it is killed')
  }

  async #deleteContainers(): Promise<void> {
    const deadline = this.#part(0.5)
    await Promise.all(this.#runtimes.map((runtime) => deleteContainers(runtime, this.#marks, deadline)))
    for (const { id } of this.#containers) this.#removed.push({ kind: 'container', what: id })
  }

  async #endCgroups(): Promise<void> {
    for (const { path, kind } of this.#cgroups()) {
      const deadline = this.#part(0.5)
      const isEmpty = kind === 'own' ? await emptyCgroup(path, deadline) : processesIn(path).length === 0
      if (isEmpty && (await removeCgroup(path, deadline))) this.#removedCgroup(path)
      else if (isEmpty) this.#remains('cgroup', path, 'it stays busy')
      else if (kind === 'own') this.#remains('cgroup', path, 'its processes do not end')
      // What is shared and in use is somebody else's by now.
    }
  }

  /** That a container's cgroup went is told by its container. */
  #removedCgroup(path: string): void {
    const isContainers = this.#containers.some(({ id }) => bearsPrefix(basename(path), id))
    if (!isContainers) this.#removed.push({ kind: 'cgroup', what: path })
  }

  #unmount(): void {
    const before = readMounts()
    const { unmounted, obstacles } = unmountWithin(
      [...this.#directories, ...this.#namespaces()],
      this.#part(0.5),
    )
    const left = unmounted.filter((mount) => !isOwnMount(mount, before, this.#directory))
    for (const { mountPoint } of left) this.#removed.push({ kind: 'mount', what: mountPoint })
    for (const { path, reason } of obstacles) this.#remains('mount', path, reason)
  }

  async #removeNamespaces(): Promise<void> {
    for (const path of this.#namespaces()) {
      if (await this.#remove(path)) this.#removed.push({ kind: 'network-namespace', what: path })
    }
  }

  /**
   * Removes the session's files; its record last, and with it the directory in one step, so that nobody ever sees a
   * session without a record.
   */
  async #removeFiles(): Promise<void> {
    await this.#remove(this.#record.bundles)
    for (const name of readdirSync(this.#directory)) {
      if (name !== recordName && !isClaim(name)) await this.#remove(join(this.#directory, name))
    }
    if (this.#remaining.length > 0) return
    const aside = join(dirname(this.#directory), transientName(this.#record.id))
    renameSync(this.#directory, aside)
    await this.#remove(aside)
    for (const path of [this.#directory, this.#record.bundles]) {
      await removeDeadTransients(dirname(path), this.#deadline) // those of others are no concern of this session
    }
    removeIfEmpty(dirname(this.#directory))
  }

  async #remove(path: string): Promise<boolean> {
    const mountPoints = readMounts().map(({ mountPoint }) => nameableParent(mountPoint))
    const obstacles = await removeTree(path, { mountPoints, deadline: this.#deadline })
    for (const { path: what, reason } of obstacles) this.#remains('file', what, reason)
    return obstacles.length === 0
  }

  get #directories(): readonly string[] {
    return [this.#directory, this.#record.bundles]
  }

  #namespaces(): readonly string[] {
    return networkNamespacesOf(this.#record.id)
  }

  #remains(kind: LeakKind, what: string, reason: string): void {
    this.#remaining.push({ kind, what, reason })
  }

  #part(fraction: number): Deadline {
    return new Deadline(this.#deadline.share(fraction))
  }
}

/** The processes whose end is a container's. */
function processesOf({ init, helpers }: RecordedContainer): readonly ProcessIdentity[] {
  return init === undefined ? helpers : [init, ...helpers]
}

/** The nearest directory above a mount point whose name could be read: the kernel's list need not be valid UTF-8. */
function nameableParent(mountPoint: string): string {
  const unreadable = mountPoint.indexOf('\uFFFD')
  return unreadable === -1 ? mountPoint : dirname(mountPoint.slice(0, unreadable + 1))
}
