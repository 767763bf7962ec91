import { readFileSync, statSync } from 'node:fs'
import { identifyProcess, isProcessAlive } from '../host/index.ts'

const pattern = /^(\d+)-(\d+)-(\d+)\./

let ownPrefix: string | undefined

/**
 * What the names of this process's directories aside begin with: who it is, so that others can tell whether it is
 * still alive. Pids say nothing outside their pid namespace (a container that shares the directory), so that is in it.
 */
export function ownerPrefix(): string {
  ownPrefix ??= `${process.pid}-${identifyProcess(process.pid)?.startTime ?? 0}-${pidNamespace()}.`
  return ownPrefix
}

/** Whether the process that made a directory aside lives, by the directory's name; unknown in another pid namespace. */
export function ownerOf(entry: string): 'alive' | 'dead' | 'unknown' {
  const [, pid = '', startTime = '', namespace] = pattern.exec(entry) ?? []
  if (namespace !== pidNamespace()) return 'unknown'
  return isProcessAlive({ pid: Number(pid), startTime: BigInt(startTime) }) ? 'alive' : 'dead'
}

let ownNamespace: string | undefined

/** Number of the pid namespace this process lives in, pid_namespaces(7). */
function pidNamespace(): string {
  ownNamespace ??= String(statSync('/proc/self/ns/pid').ino)
  return ownNamespace
}

let boot: string | undefined

/** Names the time since the machine was last started, random(4). */
export function currentBoot(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}
