import type { ProcessSpec, User } from '../schema/process.ts'
import type { RlimitName } from '../tables/rlimits.ts'
import { isAbsolutePath } from './absolute-path.ts'
import { capabilitySets } from './capabilities.ts'
import type { GardenContainer, GardenRlimit, GardenUserIds } from './container.ts'
import { environment } from './environment.ts'
import { GardenProcessError, GardenUserError } from './errors.ts'
import { type GardenHost, readGardenHost } from './host.ts'
import { initPath } from './mounts.ts'
import { lookUpUser } from './passwd.ts'
import { resourceLimits } from './rlimits.ts'
import { rootfsDirectory } from './rootfs.ts'
import { type Treatment, treatmentOf } from './treatment.ts'

/** A process to run in a container that is already there, as the Garden API describes it. */
export interface GardenProcess {
  /** The program: absolute, or looked up along PATH. */
  readonly path: string
  /** Its arguments, without its own name. */
  readonly args?: readonly string[]
  /** Absolute path it starts in; `/` when absent. */
  readonly dir?: string
  /** Added to the container's own, and stronger. */
  readonly env?: readonly string[]
  /** A name in the container's /etc/passwd, or ids; the container's own user when absent. */
  readonly user?: string | GardenUserIds
  /** Size in characters of the terminal the process gets; without one, none. */
  readonly terminal?: { readonly columns: number; readonly rows: number }
  /** Instead of the container's. */
  readonly rlimits?: Readonly<Partial<Record<RlimitName, GardenRlimit>>>
}

/** The largest id is -1, which system calls take for "no id". */
const largestId = 2 ** 32 - 2

/** The first process of a container: its init program, as the container's user. */
export function initProcess(container: GardenContainer, treatment: Treatment, host: GardenHost): ProcessSpec {
  const user = toUser(container.user ?? { uid: 0, gid: 0 })
  return {
    terminal: false,
    user,
    args: [initPath],
    env: environment(container.env ?? [], user.uid),
    cwd: '/',
    capabilities: capabilitySets(treatment, host),
    rlimits: resourceLimits(container.rlimits),
    noNewPrivileges: container.noNewPrivileges ?? treatment.noNewPrivileges,
  }
}

/**
 * What a runtime's `exec` takes to run a process in a garden container (process.json): as confined as the container
 * itself, with a PATH that suits the user, and USER when one is named.
 *
 * @param container The container as it was given to `gardenToOciSpec`.
 * @param host As for `gardenToOciSpec`.
 * @throws {GardenProcessError} without a program, or when the directory is not absolute.
 * @throws {GardenUserError} when the user is not in the container's /etc/passwd.
 * @throws {GardenError} for what is wrong with the container's part of it.
 */
export function gardenToOciProcess(
  container: GardenContainer,
  process: GardenProcess,
  host?: Partial<GardenHost>,
): ProcessSpec {
  const { path, args = [], dir = '/', terminal } = process
  if (!path) throw new GardenProcessError('path of the process must not be empty')
  if (!isAbsolutePath(dir)) throw new GardenProcessError(`dir of the process must be absolute: '${dir}'`)
  const user = processUser(container, process.user)
  const named = typeof process.user === 'string' ? [`USER=${process.user}`] : []
  return {
    ...initProcess(container, treatmentOf(container.privilege), readGardenHost(host)),
    terminal: terminal !== undefined,
    ...(terminal && { consoleSize: { height: terminal.rows, width: terminal.columns } }),
    user,
    args: [path, ...args],
    env: environment([...(container.env ?? []), ...(process.env ?? []), ...named], user.uid),
    cwd: dir,
    rlimits: resourceLimits({ ...container.rlimits, ...process.rlimits }),
  }
}

function processUser(container: GardenContainer, user: GardenProcess['user']): User {
  if (typeof user !== 'string') return toUser(user ?? container.user ?? { uid: 0, gid: 0 })
  return toUser(lookUpUser(rootfsDirectory(container), user))
}

function toUser({ uid, gid, additionalGids }: GardenUserIds): User {
  for (const id of [uid, gid, ...(additionalGids ?? [])]) {
    if (Number.isInteger(id) && id >= 0 && id <= largestId) continue
    throw new GardenUserError(`${id} is not an id of a user or group: those are 0 to ${largestId}`)
  }
  return { uid, gid, ...(additionalGids && { additionalGids: [...additionalGids] }) }
}
