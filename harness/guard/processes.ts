import { readdirSync, readFileSync } from 'node:fs'
import { identifyProcess, isProcessAlive, type ProcessIdentity, signalProcess, until } from '../host/index.ts'
import type { Deadline } from './deadline.ts'

/** In the environment of every command a session runs, and so of what the command starts: the session's id. */
export const markVariable = 'RUNWRIGHT_COMMAND_OF'

/** Where runc tells its init process about the container's directory, which lies in the session's. */
const runcVariable = '_LIBCONTAINER_STATEDIR'

/** A session, as far as its processes show that they are its own. */
export interface MarkedBy {
  readonly id: string
  readonly directory: string
}

/**
 * The commands of a session that still run, with everything they started: told by their environment
 * (/proc/PID/environ), by the runtime root in their arguments, and by their parents. Never this process.
 */
export function commandsOf(session: MarkedBy): ProcessIdentity[] {
  const processes = listProcesses()
  const isCommand = (pid: number) =>
    isMarked(readText(`/proc/${pid}/environ`), session) ||
    isRootedIn(readText(`/proc/${pid}/cmdline`), session)
  const marked = processes.map(({ pid }) => pid).filter(isCommand)
  return withDescendants(marked, processes).flatMap((pid) => identifyProcess(pid) ?? [])
}

/** The processes that were given this runtime root on their command lines, with everything they started. */
export function commandsRootedIn(root: string): ProcessIdentity[] {
  const isRooted = ({ pid }: Descent) =>
    readText(`/proc/${pid}/cmdline`).split('\0').includes(`--root=${root}`)
  const processes = listProcesses()
  const rooted = processes.filter(isRooted).map(({ pid }) => pid)
  return withDescendants(rooted, processes).flatMap((pid) => identifyProcess(pid) ?? [])
}

/** Processes with everything they started, as of now. Never this process. */
export function familyOf(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  const pids = processes.filter(isProcessAlive).map(({ pid }) => pid)
  return withDescendants(pids, listProcesses()).flatMap((pid) => identifyProcess(pid) ?? [])
}

/** Whether an environment, as in /proc/PID/environ, is that of a session's command. */
export function isMarked(environment: string, { id, directory }: MarkedBy): boolean {
  return environment
    .split('\0')
    .some((entry) => entry === `${markVariable}=${id}` || entry.startsWith(`${runcVariable}=${directory}/`))
}

/**
 * Whether a command line, as in /proc/PID/cmdline, gives a runtime root in the session's directory: gVisor's sandbox
 * clears its environment, but repeats the options it was started with.
 */
export function isRootedIn(commandLine: string, { directory }: MarkedBy): boolean {
  return commandLine.split('\0').some((word) => word.startsWith(`--root=${directory}/`))
}

/** A process and its parent. */
export interface Descent {
  readonly pid: number
  readonly parent: number
}

/** Some processes and all their descendants, without this one. */
export function withDescendants(
  roots: readonly number[],
  processes: readonly Descent[],
  self = process.pid,
): number[] {
  const children = childrenByParent(processes)
  const found = new Set(roots)
  found.delete(self)
  // A set that grows while it is walked hands out what was added.
  for (const pid of found) {
    for (const child of children.get(pid) ?? []) if (child !== self) found.add(child)
  }
  return [...found]
}

function childrenByParent(processes: readonly Descent[]): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const { pid, parent } of processes) {
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [pid])
    else siblings.push(pid)
  }
  return children
}

/** A process for a report: its pid and its command line. */
export function describeProcess({ pid }: ProcessIdentity): string {
  return `${pid} ${readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`.trim()
}

/** Kills processes, and waits until they are gone. Gives those that are not by the deadline. */
export async function endProcesses(
  processes: readonly ProcessIdentity[],
  deadline: Deadline,
): Promise<readonly ProcessIdentity[]> {
  for (const identity of processes) killOwn(identity)
  const alive = () => processes.filter(isProcessAlive)
  try {
    await until(() => alive().length === 0, {
      timeoutMs: deadline.remainingMs,
      what: 'killed processes to end',
    })
    return []
  } catch {
    return alive()
  }
}

function killOwn(identity: ProcessIdentity): void {
  if (identity.pid !== process.pid) signalProcess(identity, 'SIGKILL')
}

function listProcesses(): Descent[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .flatMap((pid) => descentOf(pid) ?? [])
}

function descentOf(pid: number): Descent | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name, in parentheses, may hold anything; the parent is the second field after it.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(parent) }
  } catch {
    return undefined // ended meanwhile
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // ended meanwhile, or another user's
  }
}
