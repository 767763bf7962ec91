import { mkdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, sep } from 'node:path'
import { type Command, Option } from 'commander'
import {
  guestVariable,
  homeDirectories,
  packageDirectory,
  RunwrightError,
  slownessVariable,
} from '../host/index.ts'
import {
  type Accelerator,
  emulatorText,
  findUser,
  type GuestCgroups,
  type GuestInit,
  type GuestTerminal,
  type GuestUser,
  guestCgroups,
  guestHome,
  guestInits,
  NoVirtualMachineError,
  runInMachine,
} from '../machine/index.ts'
import { findTool, tools } from './find-tools.ts'
import { parseCount } from './numbers.ts'

/** What the virtual machine of a run is to be like. */
export interface VmOptions {
  readonly keep: boolean
  readonly vm: boolean
  readonly kernel?: string
  readonly cgroup?: GuestCgroups
  readonly init?: GuestInit
  readonly user?: string
  readonly memory?: number
  readonly cpus?: number
}

/** Adds the options of a virtual machine. */
export function addVmOptions(command: Command): Command {
  return command
    .option('--vm', 'run in a throwaway virtual machine, as root without being root', false)
    .option('--kernel <version or path>', 'the kernel of the virtual machine: of a download, or an image')
    .addOption(
      new Option('--cgroup <layout>', 'the cgroups of the virtual machine (v2)').choices(guestCgroups),
    )
    .addOption(
      new Option('--init <program>', 'the first process of the virtual machine (busybox)').choices(
        guestInits,
      ),
    )
    .option('--user <name>', 'run as this user of the host in the virtual machine, without root')
    .option('--memory <MiB>', `memory of the virtual machine (${defaultMemoryMiB})`, parseCount)
    .option('--cpus <n>', 'processors of the virtual machine (all of the host)', parseCount)
}

/** Options of a virtual machine were given without one. */
class VmOptionError extends RunwrightError {
  override readonly code = 'VM_OPTION'
}

/** A directory of the host would be hidden in a guest by one of its own. */
class HiddenDirectoryError extends RunwrightError {
  override readonly code = 'HIDDEN_DIRECTORY'
}

/** How many times longer than on the host everything may take: `runc run` takes fifteen times as long emulated. */
const slowness: Readonly<Record<Accelerator, string>> = { kvm: '2', emulation: '10' }

/** Enough for the bundles of all suites, which stay to the end, four of their containers, and the harness. */
const defaultMemoryMiB = 3072

/** Whether this run takes place in a virtual machine that is still to be booted. @throws VmOptionError */
export function wantsMachine(options: VmOptions): boolean {
  const { vm, kernel, cgroup, init, user, memory, cpus } = options
  const named = Object.entries({ kernel, cgroup, init, user, memory, cpus }).find(
    ([, value]) => value !== undefined,
  )
  if (!vm && named !== undefined)
    throw new VmOptionError(`'--${named[0]}' is about a virtual machine: '--vm' is missing`)
  if (vm && options.keep)
    throw new VmOptionError("'--keep' has nothing to keep: with '--vm' all goes with the machine")
  return vm && process.env[guestVariable] === undefined
}

/**
 * Repeats this command line in a virtual machine, where it knows by its environment that it need not boot another one.
 *
 * @param written directories of the host, absolute, that the run writes to
 * @returns the exit code of the run in the guest
 */
export async function runInVm(
  options: VmOptions,
  written: readonly string[],
  cancelled: AbortSignal,
): Promise<number> {
  for (const path of [process.cwd(), packageDirectory(), ...written]) requireVisible(path)
  for (const path of written) mkdirSync(path, { recursive: true })
  const { kernel, cgroup = 'v2', init = 'busybox', cpus = availableParallelism() } = options
  const user = options.user === undefined ? undefined : await findUser(options.user)
  for (const path of written) if (user !== undefined) requireWritable(path, user)
  const command = {
    user,
    argv: [process.execPath, ...process.execArgv, ...process.argv.slice(1)] as const,
    workingDirectory: process.cwd(),
    environment: guestEnvironment(),
  }
  return await runInMachine(
    {
      ...{ command, kernel, init, cpus, cancelled },
      cgroups: cgroup,
      memoryMiB: options.memory ?? defaultMemoryMiB,
      busybox: await staticBusybox(),
      writable: outermost(written),
      links: new Map([
        [join(guestHome, 'home/archives/programs'), join(homeDirectories().archives, 'programs')],
      ]),
      terminals: terminals(),
      output: process.stdout,
      errors: process.stderr,
    },
    (emulator, accelerator) => ({
      [guestVariable]: emulatorText(emulator, accelerator),
      [slownessVariable]: slowness[accelerator],
    }),
    (line) => process.stderr.write(`${line}\n`),
  )
}

async function staticBusybox(): Promise<string> {
  const [busybox] = tools
  if (busybox === undefined) throw new TypeError('busybox is no tool of ours any more')
  const found = await findTool(busybox)
  if ('path' in found) return found.path
  throw new NoVirtualMachineError(
    `a guest starts with a static busybox, and ${found.problem}: run 'runwright setup'`,
  )
}

/** A user could not write what the run is to write. */
class UnwritableDirectoryError extends RunwrightError {
  override readonly code = 'UNWRITABLE_DIRECTORY'
}

/** A guest's users may write where the host's may, for all that its files are there. */
function requireWritable(path: string, { name, uid, gid }: GuestUser): void {
  const stats = statSync(path)
  const isOpen =
    uid === 0 ||
    (stats.uid === uid && (stats.mode & 0o200) !== 0) ||
    (stats.gid === gid && (stats.mode & 0o020) !== 0) ||
    (stats.mode & 0o002) !== 0
  if (isOpen) return
  throw new UnwritableDirectoryError(
    `${name} cannot write to ${path}: give it to them (chown), or name another directory with '--output'`,
  )
}

/** What leads to places that a guest does not have, or is for a network that it does not have either. */
const useless = ['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'NODE_EXTRA_CA_CERTS'] as const

/** The environment of this process for a guest. Node reads certificates whenever it starts, for half a second there. */
function guestEnvironment(): Record<string, string | undefined> {
  return {
    ...process.env,
    ...Object.fromEntries(useless.map((name) => [name, undefined])),
    TMPDIR: '/run/tmp',
    RUNWRIGHT_HOME: join(guestHome, 'home'),
    RUNWRIGHT_SESSIONS: '',
  }
}

/** Where a guest mounts something of its own over the host's files. */
const ownPlaces = ['/run', '/proc', '/sys', '/dev'] as const

function requireVisible(path: string): void {
  const place = ownPlaces.find((own) => path === own || path.startsWith(`${own}${sep}`))
  if (place === undefined) return
  throw new HiddenDirectoryError(
    `${path} cannot be seen in a virtual machine, which has a ${place} of its own`,
  )
}

/** Directories without those that lie in another of them. */
function outermost(directories: readonly string[]): readonly string[] {
  const isWithin = (one: string, other: string): boolean => one !== other && `${one}/`.startsWith(`${other}/`)
  return [...new Set(directories)].filter((one) => !directories.some((other) => isWithin(one, other)))
}

function terminals(): readonly GuestTerminal[] {
  const streams = [
    { stream: 'output', terminal: process.stdout },
    { stream: 'errors', terminal: process.stderr },
  ] as const
  return streams
    .filter(({ terminal }) => terminal.isTTY)
    .map(({ stream, terminal: { columns, rows } }) => ({ stream, columns, rows }))
}
