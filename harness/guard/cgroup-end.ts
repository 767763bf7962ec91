import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  DeadlineError,
  identifyProcess,
  isSystemdHost,
  signalProcess,
  stopUnit,
  until,
} from '../host/index.ts'
import { cgroupTree } from './cgroup-search.ts'
import type { Deadline } from './deadline.ts'
import { isErrno } from './errno.ts'
import { bearsPrefix } from './session-name.ts'

/**
 * Lets the processes of a cgroup and of all cgroups below it run again: a frozen process dies of no signal.
 * cgroup v1: freezer.state (the kernel's cgroup-v1/freezer-subsystem.rst); v2: cgroup.freeze (cgroup-v2.rst).
 */
export function thawCgroup(path: string): void {
  for (const directory of cgroupTree(path)) {
    writeIfThere(join(directory, 'freezer.state'), 'THAWED')
    writeIfThere(join(directory, 'cgroup.freeze'), '0')
  }
}

/** The processes in a cgroup and below it, as pids of this process's namespace, this process left out. */
export function processesIn(path: string): number[] {
  return [...new Set(cgroupTree(path).flatMap(processesOf))]
}

/**
 * Kills every process in a cgroup and below it, thawing it first, until none is left. Processes that multiply are
 * outrun: from the second round on they are held still while they are counted.
 *
 * @returns whether it became empty before the deadline
 */
export async function emptyCgroup(path: string, deadline: Deadline): Promise<boolean> {
  let round = 0
  const killAll = () => {
    round += 1
    if (round > 1) holdStill(path)
    writeIfThere(join(path, 'cgroup.kill'), '1')
    const pids = processesIn(path)
    for (const pid of pids) killIfStillIn(path, pid)
    thawCgroup(path)
    return pids.length === 0
  }
  return await within(deadline, `the processes of ${path} to end`, killAll)
}

/**
 * Removes an empty cgroup and the empty ones below it, deepest first. One that is a unit of systemd's is left to it: it
 * would keep the unit without its cgroup.
 *
 * @returns whether it was gone before the deadline; the kernel keeps a cgroup busy until its last process is collected
 */
export async function removeCgroup(path: string, deadline: Deadline): Promise<boolean> {
  const name = basename(path)
  if (isSystemdHost() && isOwnUnit(name)) await stopUnit(name).catch(() => undefined)
  return await within(deadline, `${path} to be removed`, () => {
    for (const directory of cgroupTree(path).reverse()) removeIfIdle(directory)
    return !existsSync(path)
  })
}

function isOwnUnit(name: string): boolean {
  return /\.(scope|slice)$/.test(name) && bearsPrefix(name, 'runwright-')
}

async function within(deadline: Deadline, what: string, check: () => boolean): Promise<boolean> {
  try {
    return await until(check, { timeoutMs: deadline.remainingMs, what })
  } catch (error) {
    if (error instanceof DeadlineError) return false
    throw error
  }
}

function holdStill(path: string): void {
  for (const directory of cgroupTree(path)) {
    writeIfThere(join(directory, 'freezer.state'), 'FROZEN')
    writeIfThere(join(directory, 'cgroup.freeze'), '1')
  }
}

function processesOf(directory: string): number[] {
  // A threaded cgroup of v2 refuses to list processes, but lists its threads.
  const list =
    readIfThere(join(directory, 'cgroup.procs')) ?? readIfThere(join(directory, 'cgroup.threads')) ?? ''
  // 0 stands for a process of another pid namespace.
  return list
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
}

function killIfStillIn(path: string, pid: number): void {
  const identity = identifyProcess(pid)
  // Looked at again after it was identified: the pid may have come to mean another process meanwhile.
  if (identity === undefined || !processesIn(path).includes(pid)) return
  signalProcess(identity, 'SIGKILL')
}

function removeIfIdle(directory: string): void {
  try {
    rmdirSync(directory)
  } catch (error) {
    if (!isErrno(error, 'EBUSY', 'ENOENT', 'ENOTEMPTY')) throw error
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function writeIfThere(path: string, value: string): void {
  try {
    writeFileSync(path, value, { flag: 'r+' })
  } catch {
    // Not a file of this hierarchy, or the cgroup is gone; what was meant is looked at afterwards.
  }
}
