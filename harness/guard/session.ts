import { accessSync, existsSync, mkdirSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BundleRegistry } from '../bundle/index.ts'
import { atThisPace, homeDirectories, RunwrightError } from '../host/index.ts'
import { type ResolvedRuntime, Runtime, resolveRuntime } from '../runtime/index.ts'
import { isBeingCleaned } from './clean-claim.ts'
import { endSession } from './clean-session.ts'
import { Deadline } from './deadline.ts'
import { isErrno } from './errno.ts'
import { markKept } from './kept.ts'
import type { AttributedLeak, Leak } from './leak.ts'
import { readRecordedLeaks, recordLeaks } from './leak-records.ts'
import { joinMembers } from './members.ts'
import { isWithin } from './mount-order.ts'
import { isOwnMount } from './own-mounts.ts'
import { isSameOwner, type Owner, ownSelf, stateOfOwner } from './owner.ts'
import { markVariable } from './processes.ts'
import { endReaper, readReaper } from './reaper-record.ts'
import { remember } from './remember.ts'
import { knownContainers } from './runtime-deletion.ts'
import { readRuntimeRecords } from './runtime-record.ts'
import { defaultRuntime, openRegistry, type PrivateRootfs, registryName } from './session-bundles.ts'
import { namePrefix, randomSessionId } from './session-name.ts'
import { openSessionAt, prepareBundles } from './session-opening.ts'
import { readSessionRecord, type SessionRecord } from './session-record.ts'
import {
  IdleSlots,
  recordRuntime,
  runtimeIn,
  type SessionRuntime,
  type SessionRuntimeOptions,
} from './session-runtime.ts'
import type { SnapshotScope } from './snapshot.ts'

/** The session is closed, or being cleaned: nothing can be made in it any more. */
export class SessionClosedError extends RunwrightError {
  override readonly code = 'SESSION_CLOSED'
}

/** A name cannot be used for something of a session. */
export class SessionNameError extends RunwrightError {
  override readonly code = 'SESSION_NAME'
}

export interface OpenSessionOptions {
  /** Directory of all sessions; `homeDirectories().sessions` unless told. */
  readonly sessions?: string | undefined
  /** Directory below which the session gets one for its bundles; `homeDirectories().bundles` unless told. */
  readonly bundles?: string | undefined
  /** With whose end the session ends; this process unless told. */
  readonly owner?: Owner | undefined
}

/** A part of a session, such as one test. */
export interface SessionPart {
  readonly prefix?: string
  readonly runtimes?: readonly { readonly root: string }[]
  /** Directories whose entries count as files; the session's temporary directories unless told. */
  readonly directories?: readonly string[]
  /** Whether this process does nothing beside, so that its children and descriptors are the part's too. */
  readonly ownProcess?: boolean
}

const reaperEndMs = atThisPace(5000)

/**
 * One run of the harness and everything it creates, recorded before it exists, so that it can be removed whatever
 * happens to the run. All processes of a run use one session; the one that owns it closes it.
 */
export class Session {
  readonly id: string
  /** Where everything of the session lies but its bundles, its cgroups and its named network namespaces. */
  readonly directory: string
  /** Where its bundles lie. */
  readonly bundlesDirectory: string
  /** Whether this process is the one whose end ends the session. */
  readonly isOwn: boolean
  readonly #record: SessionRecord
  /** This process's number among those that use the session. */
  readonly #member: number
  readonly #resolved = new Map<string, Promise<ResolvedRuntime>>()
  readonly #registries = new Map<string, Promise<BundleRegistry>>()
  readonly #inUse = new WeakMap<Runtime, SessionRuntime>()
  readonly #idle = new IdleSlots()
  #lastNumber = 0

  private constructor(record: SessionRecord, member: number) {
    this.id = record.id
    this.directory = record.directory
    this.bundlesDirectory = record.bundles
    this.isOwn = isSameOwner(record.owner, ownSelf())
    this.#record = record
    this.#member = member
  }

  /**
   * Opens a session.
   *
   * @throws UnsafeDirectoryError when others could write where sessions are recorded; ReaperNotStartedError
   */
  static async open({ owner = ownSelf(), ...places }: OpenSessionOptions = {}): Promise<Session> {
    for (;;) {
      const { sessions, bundles } = placesFrom(places)
      const record = await openSessionAt({ id: randomSessionId(), owner, sessions, bundles })
      if (record !== undefined) return new Session(record, joinMembers(record.directory))
    }
  }

  /**
   * Uses a session that another process opened.
   *
   * @param directory the session's
   * @throws SessionClosedError when it does not exist, is being cleaned, or its owner is dead; SessionRefusedError
   */
  static join(directory: string): Session {
    const record = readSessionRecord(directory)
    if (record === undefined) throw new SessionClosedError(`there is no session ${directory}: it was closed`)
    if (stateOfOwner(record.owner) === 'dead')
      throw new SessionClosedError(`the owner of session ${directory} is dead`)
    const member = inOpenSession(directory, () => joinMembers(directory))
    // Looked at after joining: a cleaner that comes later finds this process among the members.
    if (inOpenSession(directory, () => isBeingCleaned(directory))) throw closed(directory)
    return new Session(record, member)
  }

  /** Whether things can be made in it: it is not closed, nor being cleaned. */
  get isOpen(): boolean {
    try {
      return !isBeingCleaned(this.directory)
    } catch {
      return false // its directory is gone
    }
  }

  /**
   * Variables for the environment of a program that is to be ended with the session, wherever it has got to by then:
   * its descendants inherit them.
   */
  get environment(): Readonly<Record<string, string>> {
    return { [markVariable]: this.id }
  }

  /** The start of a name that nothing else of the session begins with: for container ids, cgroups, namespaces. */
  nextPrefix(): string {
    return `${namePrefix(this.id)}${this.#nextSlot()}`
  }

  /**
   * A driver of a runtime, with a root of its own: it lists only its own containers. Its containers are called
   * `runwright-<session>-…`, by which their cgroups are found when all else is lost.
   *
   * @param runtime a profile's name (`runc`, `crun`, …), the path of a program, or what `resolveRuntime` made of it
   * @throws RuntimeNotFoundError; SessionNameError for an `idPrefix` that is not the session's; SessionClosedError
   */
  async runtime(runtime: string | ResolvedRuntime, options: SessionRuntimeOptions = {}): Promise<Runtime> {
    const resolved = await this.#resolve(runtime)
    const slot = this.#nextSlot()
    const { idPrefix = `${namePrefix(this.id)}${slot}` } = options
    if (!idPrefix.startsWith(namePrefix(this.id))) {
      throw new SessionNameError(
        `container ids of session ${this.id} begin with ${namePrefix(this.id)}, not ${idPrefix}`,
      )
    }
    const fresh = runtimeIn(resolved, options, { session: this, slot, idPrefix })
    const idle = this.#idle.take(fresh.record)
    const used =
      idle === undefined ? fresh : runtimeIn(resolved, options, { session: this, slot: idle, idPrefix })
    inOpenSession(this.directory, () => {
      if (idle === undefined) recordRuntime(this.directory, used)
      else accessSync(dirname(used.record.root))
    })
    const driver = new Runtime(used.options)
    this.#inUse.set(driver, used)
    return driver
  }

  /** Asks a runtime once who it is, however many drivers of it are wanted. */
  async #resolve(runtime: string | ResolvedRuntime): Promise<ResolvedRuntime> {
    if (typeof runtime !== 'string') return runtime
    return await remember(this.#resolved, runtime, () => resolveRuntime(runtime))
  }

  /**
   * The registry of this session's bundles for a runtime: all processes of the session share them.
   *
   * @param runtime as for `runtime`; the default one (`RUNWRIGHT_RUNTIME`, or runc) unless told
   * @param options.privateRootfs how this registry makes private root file systems: `overlaid` unless told, which pays
   * for a few dozen of them; `copied` for more, that stay while many containers come and go
   * @throws RuntimeNotFoundError; SessionClosedError
   */
  async bundles(
    runtime: string | ResolvedRuntime = defaultRuntime(),
    { privateRootfs = 'overlaid' }: { readonly privateRootfs?: PrivateRootfs } = {},
  ): Promise<BundleRegistry> {
    const resolved = await this.#resolve(runtime)
    const name = registryName(resolved)
    const open = () => this.#openRegistry(name, resolved, privateRootfs)
    return await remember(this.#registries, `${name} ${privateRootfs}`, open)
  }

  async #openRegistry(
    name: string,
    runtime: ResolvedRuntime,
    privateRootfs: PrivateRootfs,
  ): Promise<BundleRegistry> {
    inOpenSession(this.directory, () => prepareBundles(this.#record))
    const { directory: sessionDirectory, bundlesDirectory } = this
    const openRuntime = () => this.runtime(runtime)
    return await openRegistry({
      sessionDirectory,
      bundlesDirectory,
      name,
      version: runtime.version?.text,
      privateRootfs,
      openRuntime,
    })
  }

  /**
   * Removes the containers that a runtime of this session has left.
   *
   * @returns those that were still there
   * @throws RuntimeError when one cannot be removed
   */
  async removeContainers(runtime: Runtime): Promise<Leak[]> {
    if (!isWithin(runtime.root, this.directory))
      throw new SessionNameError(`${runtime.root} is not in ${this.directory}`)
    // Also those that a raw command made: they are in no record of the driver's.
    const containers = knownContainers(runtime)
    const removals = await Promise.allSettled(
      // The driver has nothing to do with ids that it would not have given.
      containers.map((id) => (id.startsWith('.') ? deleteDotted(runtime, id) : runtime.remove(id))),
    )
    for (const removal of removals) if (removal.status === 'rejected') throw removal.reason
    return containers.map((what) => ({ kind: 'container', what }))
  }

  /**
   * Removes what a runtime of this session has left, and its directories.
   *
   * @param options.mayBeUsed whether something may still be calling the driver, so that nobody else must get its
   * directories
   * @returns the containers that were still there
   * @throws RuntimeError when one cannot be removed
   */
  async closeRuntime(
    runtime: Runtime,
    { mayBeUsed = true }: { readonly mayBeUsed?: boolean } = {},
  ): Promise<Leak[]> {
    const used = this.#inUse.get(runtime)
    this.#inUse.delete(runtime)
    await runtime.settled()
    if (!mayBeUsed && used !== undefined && this.#idle.giveBack(this.directory, used)) return []
    const containers = await this.removeContainers(runtime)
    await rm(dirname(runtime.root), { recursive: true, force: true })
    return containers
  }

  /** Writes down what tests have left, for the process of the run that reports it (`recordedLeaks`). */
  recordLeaks(leaks: readonly AttributedLeak[]): void {
    inOpenSession(this.directory, () => recordLeaks(this.directory, this.#nextSlot(), leaks))
  }

  /** What the processes of the session have written down by `recordLeaks`; nothing once it is closed. */
  recordedLeaks(): readonly AttributedLeak[] {
    return existsSync(this.directory) ? readRecordedLeaks(this.directory) : []
  }

  /** Makes a directory below the session's, which others may pass through but not list. It goes with the session. */
  async temporaryDirectory(name: string): Promise<string> {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) {
      throw new SessionNameError(
        `${JSON.stringify(name)} cannot begin a directory's name: use letters, digits and _ . -`,
      )
    }
    inOpenSession(this.directory, () => makeDirectory(this.#temporary))
    const directory = await mkdtemp(join(this.#temporary, `${name}-`))
    await chmod(directory, 0o711)
    return directory
  }

  /**
   * Closes the session: removes everything that is left of it, and sends its reaper away. In a process that does not
   * own it, it does nothing: others may still be using it.
   *
   * @param options.members whether to `end` other processes that use the session; they are left alone unless told
   * @param options.deadlineMs by when it is over, in milliseconds from now; 15,000 unless told
   * @returns what should not have been there any more, and what could not be removed
   */
  async close({
    deadlineMs,
    members = 'leave',
  }: {
    readonly deadlineMs?: number
    readonly members?: 'end' | 'leave'
  } = {}): Promise<Leak[]> {
    if (!this.isOwn) return []
    const { removed, remaining } = await endSession(this.directory, { deadlineMs, members })
    return [...removed, ...remaining].map(({ kind, what }) => ({ kind, what }))
  }

  /**
   * Lets everything stay after the session's end, for a user who wants to look at it, until `cleanDeadSessions` is
   * told to clean what was kept.
   */
  async keep(): Promise<void> {
    markKept(this.directory)
    await endReaper(readReaper(this.directory), new Deadline(reaperEndMs))
  }

  /**
   * Where to look for what is left of one part of the session, for `takeSnapshot`.
   *
   * @param part what its names begin with (`nextPrefix`) and the runtimes it has used; all of the session unless told
   */
  scope(part: SessionPart = {}): SnapshotScope {
    const { prefix = namePrefix(this.id), runtimes = readRuntimeRecords(this.directory) } = part
    return {
      prefix,
      mountsBelow: [this.directory, this.bundlesDirectory],
      isOwnMount: (mount, all) => isOwnMount(mount, all, this.directory),
      roots: runtimes.map(({ root }) => root),
      directories: part.directories ?? [this.#temporary],
      ownProcess: part.ownProcess ?? false,
    }
  }

  get #temporary(): string {
    return join(this.directory, 'temporary')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #nextSlot(): string {
    this.#lastNumber += 1
    return `${this.#member}-${this.#lastNumber}`
  }
}

/** Does something in a session's directory; when that is gone, so is the session. */
function inOpenSession<Result>(directory: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    if (isErrno(error, 'ENOENT') && !existsSync(directory)) throw closed(directory)
    throw error
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o711 })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

function closed(directory: string): SessionClosedError {
  return new SessionClosedError(
    `session ${basename(directory)} is closed: nothing can be made in it any more`,
  )
}

function placesFrom({ sessions, bundles }: Omit<OpenSessionOptions, 'owner'>) {
  const home = homeDirectories()
  return { sessions: sessions ?? home.sessions, bundles: bundles ?? home.bundles }
}

/** A container that a runtime has named itself is still there. */
class ContainerLeftError extends RunwrightError {
  override readonly code = 'CONTAINER_LEFT'
}

/** @throws ContainerLeftError, so that what its runtime has written down of it stays, for the cleaning of the session */
async function deleteDotted(runtime: Runtime, id: string): Promise<void> {
  const { exitCode, stderr } = await runtime.command(['delete', '--force', id])
  if (exitCode === 0) return
  throw new ContainerLeftError(
    `container ${id} could not be deleted (exit code ${exitCode}): ${stderr.trim()}`,
  )
}
