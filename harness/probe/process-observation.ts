import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type MountEntry, readMounts } from '../host/index.ts'

/** What the kernel says of a process, seen from the host. */
export interface ProcessObservation {
  readonly pid: number
  /** argv, as the program set it; empty for a zombie. */
  readonly commandLine: readonly string[]
  /** Identity of every namespace, such as `net` → `net:[4026531840]`. */
  readonly namespaces: ReadonlyMap<string, string>
  /** cgroup path by controller; the v2 hierarchy stands under the empty name. See cgroups(7). */
  readonly cgroups: ReadonlyMap<string, string>
  readonly mounts: readonly MountEntry[]
  /** The fields of /proc/PID/status, untouched. */
  readonly status: ReadonlyMap<string, string>
}

/**
 * Looks at a process from the host through /proc, see proc(5).
 *
 * @throws the file system's ENOENT or ESRCH when the process is gone
 */
export function observeProcess(pid: number): ProcessObservation {
  const directory = `/proc/${pid}`
  return {
    pid,
    commandLine: readFileSync(`${directory}/cmdline`, 'utf8').split('\0').slice(0, -1),
    // Read when they are asked for: an ordinary user may not see those of a process that has not become its program yet,
    // but all the rest.
    get namespaces() {
      const types = readdirSync(`${directory}/ns`)
      return new Map(types.map((type) => [type, readlinkSync(`${directory}/ns/${type}`)] as const))
    },
    cgroups: parseCgroups(readFileSync(`${directory}/cgroup`, 'utf8')),
    mounts: readMounts(pid),
    status: parseStatus(readFileSync(`${directory}/status`, 'utf8')),
  }
}

/** Parses /proc/PID/cgroup: `hierarchy:controller,controller:path` a line. */
export function parseCgroups(text: string): ReadonlyMap<string, string> {
  const cgroups = new Map<string, string>()
  for (const line of lines(text)) {
    const [, , controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    for (const controller of controllers.split(',')) cgroups.set(controller, path)
  }
  return cgroups
}

/** Parses /proc/PID/status: `Name:\tvalue` a line. */
export function parseStatus(text: string): ReadonlyMap<string, string> {
  return new Map(
    lines(text).map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
    }),
  )
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

/**
 * The open descriptors of a process and what each refers to, such as `1` → `pipe:[4711]`.
 *
 * @throws the file system's ENOENT or ESRCH when the process is gone
 */
export function observeDescriptors(pid: number): ReadonlyMap<number, string> {
  const directory = `/proc/${pid}/fd`
  return new Map(readdirSync(directory).map((name) => [Number(name), readlinkSync(`${directory}/${name}`)]))
}
