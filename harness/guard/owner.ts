import { readFileSync, readlinkSync } from 'node:fs'
import { identifyProcess, isProcessAlive, type ProcessIdentity, RunwrightError } from '../host/index.ts'

/** /proc does not show this process, so nothing it makes could be told from what others make. */
export class ProcessFilesMissingError extends RunwrightError {
  override readonly code = 'PROCESS_FILES_MISSING'
}

/** A process, named so that neither a reused pid nor a reboot nor another pid namespace can make it mean another. */
export interface Owner {
  readonly pid: number
  /** In clock ticks since boot, as text: it is a 64-bit number. */
  readonly startTime: string
  /** The kernel's random id of this boot (/proc/sys/kernel/random/boot_id). */
  readonly boot: string
  /** The pid namespace the pid counts in: `pid:[4026531836]`. */
  readonly pidNamespace: string
}

/** `elsewhere`: it counts in another pid namespace, where this process cannot see whether it lives. */
export type OwnerState = 'alive' | 'dead' | 'elsewhere'

let boot: string | undefined
let pidNamespace: string | undefined

function thisBoot(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}

function thisPidNamespace(): string {
  pidNamespace ??= readlinkSync('/proc/self/ns/pid')
  return pidNamespace
}

/** Names the process that has this pid now; undefined when there is none. */
export function ownerOf(pid: number): Owner | undefined {
  const identity = identifyProcess(pid)
  if (identity === undefined) return undefined
  return {
    pid,
    startTime: String(identity.startTime),
    boot: thisBoot(),
    pidNamespace: thisPidNamespace(),
  }
}

let self: Owner | undefined

/** Names this process. */
export function ownSelf(): Owner {
  self ??= ownerOf(process.pid)
  if (self === undefined) {
    throw new ProcessFilesMissingError(
      `/proc/${process.pid}/stat cannot be read: mount /proc for this pid namespace`,
    )
  }
  return self
}

/** Whether an owner lives. A process of an earlier boot is dead. */
export function stateOfOwner(owner: Owner): OwnerState {
  if (owner.boot !== thisBoot()) return 'dead'
  if (owner.pidNamespace !== thisPidNamespace()) return 'elsewhere'
  return isProcessAlive({ pid: owner.pid, startTime: BigInt(owner.startTime) }) ? 'alive' : 'dead'
}

/** The process that an owner's name means, where this process can see it. */
export function identityOf(owner: Owner): ProcessIdentity | undefined {
  if (owner.boot !== thisBoot() || owner.pidNamespace !== thisPidNamespace()) return undefined
  return { pid: owner.pid, startTime: BigInt(owner.startTime) }
}

/** Whether two names mean the same process. */
export function isSameOwner(one: Owner, other: Owner): boolean {
  return (
    one.pid === other.pid &&
    one.startTime === other.startTime &&
    one.boot === other.boot &&
    one.pidNamespace === other.pidNamespace
  )
}
