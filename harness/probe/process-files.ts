import { capabilitiesOfMask } from '../spec/index.ts'

/** One resource limit, as /proc/PID/limits has it; a limit that is none is `unlimited`. */
export interface ObservedLimit {
  readonly soft: bigint | 'unlimited'
  readonly hard: bigint | 'unlimited'
}

/** The five sets of a process's capabilities, by the names of the configuration. */
export interface ObservedCapabilities {
  readonly bounding: readonly string[]
  readonly effective: readonly string[]
  readonly inheritable: readonly string[]
  readonly permitted: readonly string[]
  readonly ambient: readonly string[]
}

/** How the kernel schedules a process: the fields of /proc/PID/stat, proc_pid_stat(5). */
export interface ObservedScheduling {
  /** A policy of sched(7) by its number, such as 0 for SCHED_OTHER. */
  readonly policy: number
  readonly nice: number
  readonly realTimePriority: number
}

/** One line of a user namespace's map, user_namespaces(7). */
export interface ObservedIdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

/** Parses /proc/PID/limits into limits by the names of the configuration, such as `RLIMIT_NOFILE`. */
export function parseLimits(text: string): ReadonlyMap<string, ObservedLimit> {
  const limits = new Map<string, ObservedLimit>()
  for (const [title, name] of limitTitles) {
    const line = text.split('\n').find((candidate) => candidate.startsWith(title))
    const [soft, hard] = line?.slice(title.length).trim().split(/\s+/) ?? []
    if (soft !== undefined && hard !== undefined)
      limits.set(name, { soft: limitValue(soft), hard: limitValue(hard) })
  }
  return limits
}

const limitTitles: ReadonlyMap<string, string> = new Map([
  ['Max cpu time ', 'RLIMIT_CPU'],
  ['Max file size ', 'RLIMIT_FSIZE'],
  ['Max data size ', 'RLIMIT_DATA'],
  ['Max stack size ', 'RLIMIT_STACK'],
  ['Max core file size ', 'RLIMIT_CORE'],
  ['Max resident set ', 'RLIMIT_RSS'],
  ['Max processes ', 'RLIMIT_NPROC'],
  ['Max open files ', 'RLIMIT_NOFILE'],
  ['Max locked memory ', 'RLIMIT_MEMLOCK'],
  ['Max address space ', 'RLIMIT_AS'],
  ['Max file locks ', 'RLIMIT_LOCKS'],
  ['Max pending signals ', 'RLIMIT_SIGPENDING'],
  ['Max msgqueue size ', 'RLIMIT_MSGQUEUE'],
  ['Max nice priority ', 'RLIMIT_NICE'],
  ['Max realtime priority ', 'RLIMIT_RTPRIO'],
  ['Max realtime timeout ', 'RLIMIT_RTTIME'],
])

function limitValue(text: string): bigint | 'unlimited' {
  return text === 'unlimited' ? text : BigInt(text)
}

/** The capability sets among the fields of /proc/PID/status; undefined where the kernel shows none. */
export function capabilitiesIn(status: ReadonlyMap<string, string>): ObservedCapabilities | undefined {
  const set = (field: string) => {
    const mask = status.get(field)
    return mask === undefined ? undefined : capabilitiesOfMask(mask)
  }
  const [bounding, effective, inheritable, permitted] = ['CapBnd', 'CapEff', 'CapInh', 'CapPrm'].map(set)
  if (!bounding || !effective || !inheritable || !permitted) return undefined
  return { bounding, effective, inheritable, permitted, ambient: set('CapAmb') ?? [] }
}

/** Parses /proc/PID/stat for how the process is scheduled; undefined where it is cut short. */
export function parseScheduling(text: string): ObservedScheduling | undefined {
  // The second field is the program's name in parentheses; counted from behind it, nice is the 17th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [nice, realTimePriority, policy] = [fields[16], fields[37], fields[38]].map(Number)
  if (nice === undefined || realTimePriority === undefined || policy === undefined) return undefined
  return Number.isNaN(policy) ? undefined : { policy, nice, realTimePriority }
}

/** Parses /proc/PID/uid_map or gid_map. */
export function parseIdMap(text: string): readonly ObservedIdMapping[] {
  return text.split('\n').flatMap((line) => {
    const [containerID, hostID, size] = line.trim().split(/\s+/)
    if (containerID === undefined || hostID === undefined || size === undefined) return []
    return { containerID: Number(containerID), hostID: Number(hostID), size: Number(size) }
  })
}

/** Splits what the kernel separates and ends by NUL: /proc/PID/cmdline, /proc/PID/environ. */
export function splitAtNul(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\0$/, '').split('\0')
}

/** Parses /proc/PID/net/dev into the names of the network interfaces. */
export function parseInterfaces(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\s*([^:\s|]+):/.exec(line)?.[1] ?? [])
}

/** The policy in the first line of a numa_maps file, numa(7): some policies' names hold a blank. */
export function parseMemoryPolicy(text: string): string | undefined {
  return /^[0-9a-f]+ ((?:weighted )?[^ \n]+(?: \(many\)[^ \n]*)?)/.exec(text)?.[1]
}
