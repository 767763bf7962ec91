import { createHash, randomInt } from 'node:crypto'
import type { Owner } from './owner.ts'

/** Short, because paths of sockets lie below it (sockaddr_un holds 108 bytes); no dash, so that a prefix is exact. */
const idPattern = /^[a-z0-9]{10}$/

/** A name for a session that nobody else finds: the second it was made in, and chance. */
export function randomSessionId(): string {
  const second = Math.floor(Date.now() / 1000).toString(36)
  const room = 10 - second.length
  const chance = randomInt(36 ** room).toString(36)
  return second + chance.padStart(room, '0')
}

/** The name of the session that everything belonging to this owner shares: each process works it out alike. */
export function sharedSessionId({ boot, pidNamespace, pid, startTime }: Owner): string {
  const digest = createHash('sha256').update([boot, pidNamespace, pid, startTime].join(' ')).digest()
  return digest.readBigUInt64BE().toString(36).padStart(13, '0').slice(-10)
}

/** Whether a name can be a session's. */
export function isSessionId(name: string): boolean {
  return idPattern.test(name)
}

/** How the name of everything starts that a session makes outside its directories: containers, cgroups, namespaces. */
export function namePrefix(session: string): string {
  return `runwright-${session}-`
}

/** Whether a name belongs to a session, see `bearsPrefix`. */
export function bearsSession(name: string, session: string): boolean {
  return bearsPrefix(name, namePrefix(session))
}

/**
 * Whether a name is, or begins with, a prefix that ends where a part of the name ends: `runwright-x-1` begins
 * `runwright-x-1-2` but not `runwright-x-12`. A word of the runtime's may stand before it (`crun-runwright-…`,
 * `runc-runwright-….scope`), and systemd's units may have their dashes written as it escapes them (`runwright\\x2dx.slice`).
 */
export function bearsPrefix(written: string, prefix: string): boolean {
  const name = written.replaceAll('\\x2d', '-')
  const at = name.indexOf(prefix)
  if (at === -1 || !/^([a-z]+[-:.])?$/.test(name.slice(0, at))) return false
  return prefix.endsWith('-') || /^([-.:]|$)/.test(name.slice(at + prefix.length))
}
