import { type MountEntry, parseMountInfo } from '../host/index.ts'
import { type ObservedFile, parseFiles } from './devices.ts'
import { readReport, sectionOf } from './inside-report.ts'
import {
  capabilitiesIn,
  type ObservedCapabilities,
  type ObservedIdMapping,
  type ObservedLimit,
  type ObservedScheduling,
  parseIdMap,
  parseInterfaces,
  parseLimits,
  parseMemoryPolicy,
  parseScheduling,
  splitAtNul,
} from './process-files.ts'
import { parseCgroups, parseStatus } from './process-observation.ts'

/**
 * What a process inside a container reports of itself. A property throws `NoReportError` when it is asked for and
 * the process could not report it, for instance because the container has no /proc: nothing is taken for granted.
 */
export class InsideObservation {
  readonly #report: ReadonlyMap<string, string>

  /**
   * @param text what a process that runs `insideScript` has printed
   * @throws NoReportError when the report is not complete
   */
  constructor(text: string) {
    this.#report = readReport(text)
  }

  /** The fields of /proc/self/status, untouched. */
  get status(): ReadonlyMap<string, string> {
    return parseStatus(sectionOf(this.#report, 'status'))
  }

  /** One field of /proc/self/status, such as `Seccomp`. */
  statusField(name: string): string {
    const value = this.status.get(name)
    if (value === undefined) throw new RangeError(`the kernel shows no field '${name}' in /proc/self/status`)
    return value
  }

  /** Real, effective, saved and file system user id. */
  get uids(): readonly number[] {
    return numbersIn(this.statusField('Uid'))
  }

  /** Real, effective, saved and file system group id. */
  get gids(): readonly number[] {
    return numbersIn(this.statusField('Gid'))
  }

  /** Supplementary groups, in the kernel's order. */
  get groups(): readonly number[] {
    return numbersIn(this.statusField('Groups'))
  }

  get capabilities(): ObservedCapabilities {
    return present(capabilitiesIn(this.status), 'capabilities')
  }

  get limits(): ReadonlyMap<string, ObservedLimit> {
    return parseLimits(sectionOf(this.#report, 'limits'))
  }

  get scheduling(): ObservedScheduling {
    return present(parseScheduling(sectionOf(this.#report, 'stat')), 'scheduling')
  }

  /** `NAME=value` each, as the program was given them; empty when it was given none. */
  get environment(): readonly string[] {
    return splitAtNul(this.#report.get('environment') ?? '')
  }

  /** argv. */
  get commandLine(): readonly string[] {
    return splitAtNul(sectionOf(this.#report, 'commandLine'))
  }

  get workingDirectory(): string {
    return this.#line('workingDirectory')
  }

  get mounts(): readonly MountEntry[] {
    return parseMountInfo(sectionOf(this.#report, 'mounts'))
  }

  /** The topmost mount at a path. @throws RangeError when nothing is mounted there */
  mountAt(path: string): MountEntry {
    const found = this.mounts.findLast(({ mountPoint }) => mountPoint === path)
    if (found === undefined) throw new RangeError(`nothing is mounted at ${path} in the container`)
    return found
  }

  /** Identity of every namespace, such as `net` → `net:[4026531840]`. */
  get namespaces(): ReadonlyMap<string, string> {
    const text = sectionOf(this.#report, 'namespaces')
    return new Map(
      text.split('\n').flatMap((line) => {
        const [name, identity] = line.split(' ')
        return name && identity ? [[name, identity] as const] : []
      }),
    )
  }

  /** cgroup path by controller, seen from inside; the v2 hierarchy stands under the empty name. */
  get cgroups(): ReadonlyMap<string, string> {
    return parseCgroups(sectionOf(this.#report, 'cgroups'))
  }

  get uidMappings(): readonly ObservedIdMapping[] {
    return parseIdMap(sectionOf(this.#report, 'uidMap'))
  }

  get gidMappings(): readonly ObservedIdMapping[] {
    return parseIdMap(sectionOf(this.#report, 'gidMap'))
  }

  get oomScoreAdjustment(): number {
    return Number(this.#line('oomScoreAdjustment'))
  }

  /** The execution domain and its flags as a number, personality(2). */
  get personality(): number {
    return Number.parseInt(this.#line('personality'), 16)
  }

  /** The label of the active security module, such as an AppArmor profile; undefined without one. */
  get securityLabel(): string | undefined {
    const label = this.#report.get('securityLabel')?.replace(/[\0\n]+$/, '')
    return label === '' ? undefined : label
  }

  /** /proc/self/timens_offsets, a clock's name and its offset a line; time_namespaces(7). */
  get timeOffsets(): string {
    return sectionOf(this.#report, 'timeOffsets')
  }

  get umask(): number {
    return Number.parseInt(this.#line('umask'), 8)
  }

  get hostname(): string {
    return this.#line('hostname')
  }

  get domainname(): string {
    return this.#line('domainname')
  }

  /** As ionice(1) prints it, such as `best-effort: prio 4`. */
  get ioPriority(): string {
    return this.#line('ioPriority')
  }

  /** The processors it may run on, such as `0-1`. */
  get processors(): string {
    return this.statusField('Cpus_allowed_list')
  }

  /** The memory policy as the kernel writes it in numa_maps, such as `bind:0` or `prefer (many):0`. */
  get memoryPolicy(): string {
    return present(parseMemoryPolicy(sectionOf(this.#report, 'memoryPolicy')), 'memory policy')
  }

  /** Everything that lies directly in /dev, by path. */
  get devices(): ReadonlyMap<string, ObservedFile> {
    const files = parseFiles(sectionOf(this.#report, 'devices'))
    return new Map(files.map((file) => [file.path, file]))
  }

  /** Names of the network interfaces. */
  get interfaces(): readonly string[] {
    return parseInterfaces(sectionOf(this.#report, 'interfaces'))
  }

  /** The terminal that is its standard input; undefined when that is none. */
  get terminal(): string | undefined {
    const answer = this.#line('terminal')
    return answer.startsWith('/') ? answer : undefined
  }

  #line(name: Parameters<typeof sectionOf>[1]): string {
    return sectionOf(this.#report, name).replace(/\n$/, '')
  }
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`the kernel shows no ${what}`)
  return value
}

function numbersIn(text: string): readonly number[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number)
}
