import { type Command, Option } from 'commander'
import { guestVariable, RunwrightError } from '../host/index.ts'
import { type GuestCgroups, type GuestInit, guestCgroups, guestInits } from '../machine/index.ts'
import { parseCount } from './numbers.ts'

/** What the virtual machine of a run is to be like. */
export interface VmOptions {
  readonly keep: boolean
  readonly vm: boolean
  /** Versions, or paths of images: a machine for each. */
  readonly kernel?: readonly string[]
  readonly cgroup?: GuestCgroups
  readonly init?: GuestInit
  readonly user?: string
  readonly memory?: number
  readonly cpus?: number
}

/** Enough for the bundles of all suites, which stay to the end, four of their containers, and the harness. */
export const defaultMemoryMiB = 3072

/** Adds the options of a virtual machine. */
export function addVmOptions(command: Command): Command {
  return command
    .option('--vm', 'run in a throwaway virtual machine, as root without being root', false)
    .option(
      '--kernel <version or path>',
      'the kernel of the virtual machine: of a download, or an image; may be repeated, for a machine each',
      (kernel: string, before: readonly string[] = []) => [...before, kernel],
    )
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

/** Options of a virtual machine were given that do not fit together. */
export class VmOptionError extends RunwrightError {
  override readonly code = 'VM_OPTION'
}

/** Whether this run takes place in virtual machines that are still to be booted. @throws VmOptionError */
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

/** The words that ask for one machine: with these options, and this of the kernels. */
export function machineWords(
  options: Omit<VmOptions, 'kernel'>,
  kernel: string | undefined,
): readonly string[] {
  const { cgroup, init, user, memory, cpus } = options
  const words = Object.entries({ kernel, cgroup, init, user, memory, cpus }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  )
  return ['--vm', ...words]
}

/** Whether the command line is one for several kernels: it is the same on the host and in each of the guests. */
export function namesSeveralKernels({ kernel = [] }: VmOptions): boolean {
  return kernel.length > 1
}
