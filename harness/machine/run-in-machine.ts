import type { Writable } from 'node:stream'
import { acceleratorToTry, rememberAccelerator } from './acceleration.ts'
import { type Emulator, findEmulator } from './emulator.ts'
import { VirtualMachineDiedError } from './errors.ts'
import type { GuestCgroups, GuestCommand, GuestInit, GuestTerminal } from './guest.ts'
import { initialRoot } from './initial-root.ts'
import { findKernel, type GuestKernel } from './kernel.ts'
import { type Accelerator, type MachineRequest, VirtualMachine } from './virtual-machine.ts'

/** A command to be run in a virtual machine of its own. */
export interface MachineRun {
  readonly command: GuestCommand
  /** See `findKernel`. */
  readonly kernel?: string | undefined
  readonly cgroups: GuestCgroups
  readonly init: GuestInit
  readonly memoryMiB: number
  readonly cpus: number
  /** Path of a static busybox. */
  readonly busybox: string
  /** Directories of the host, absolute and there, that the guest may write to. */
  readonly writable: readonly string[]
  /** Symbolic links of the guest: where they are, and what to. */
  readonly links: ReadonlyMap<string, string>
  /** Directories of the host that the guest is to have a copy of, by where that is to be; they may be missing. */
  readonly copies: ReadonlyMap<string, string>
  /** Files of the host, absolute, that the command begins with. */
  readonly wanted: readonly string[]
  readonly terminals: readonly GuestTerminal[]
  readonly output: Writable
  readonly errors: Writable
  readonly cancelled: AbortSignal
}

/** What a virtual machine is, in the words of the results. */
export type DescribeMachine = (
  emulator: Emulator,
  accelerator: Accelerator,
) => Readonly<Record<string, string>>

/**
 * Boots a virtual machine, runs one command in it and throws the machine away.
 *
 * @param environmentOf what the command is told of its machine
 * @param say hears what is started
 * @returns the command's exit code
 * @throws NoVirtualMachineError when an emulator or a kernel is missing
 * @throws VirtualMachineDiedError when the machine ended or hung before the command had ended
 */
export async function runInMachine(
  run: MachineRun,
  environmentOf: DescribeMachine,
  say: (line: string) => void,
): Promise<number> {
  const [emulator, kernel] = [await findEmulator(), await findKernel(run.kernel)]
  for (const accelerator of await acceleratorToTry()) {
    say(`${emulatorText(emulator, accelerator)}: kernel ${kernel.release}, cgroups ${run.cgroups}`)
    const told = environmentOf(emulator, accelerator)
    const machine = VirtualMachine.start(requestOf(run, { emulator, kernel, accelerator, told }))
    try {
      const booted = await machine.ready.then(
        () => true,
        (error: unknown) => {
          if (accelerator === 'emulation' || !(error instanceof VirtualMachineDiedError)) throw error
          return false
        },
      )
      await rememberAccelerator(booted ? accelerator : 'emulation')
      if (booted) return await followed(machine, run.cancelled)
      say('KVM is there and boots nothing: emulating')
    } finally {
      await machine.stop()
    }
  }
  throw new VirtualMachineDiedError('did not boot', [])
}

/** The machine in a few words. */
export function emulatorText({ version }: Emulator, accelerator: Accelerator): string {
  return `QEMU ${version}, ${accelerator === 'kvm' ? 'with KVM' : 'emulated'}`
}

async function followed(machine: VirtualMachine, cancelled: AbortSignal): Promise<number> {
  const interrupt = () => machine.interrupt()
  cancelled.addEventListener('abort', interrupt, { once: true })
  if (cancelled.aborted) interrupt()
  try {
    return await machine.ended
  } finally {
    cancelled.removeEventListener('abort', interrupt)
  }
}

function requestOf(
  run: MachineRun,
  {
    emulator,
    kernel,
    accelerator,
    told,
  }: {
    readonly emulator: Emulator
    readonly kernel: GuestKernel
    readonly accelerator: Accelerator
    readonly told: Readonly<Record<string, string>>
  },
): MachineRequest {
  const { memoryMiB, cpus, output, errors, cgroups, init, links, copies, wanted, terminals } = run
  const layout = {
    ...{ cgroups, init, links, copies, wanted, terminals },
    writable: new Map(run.writable.map((directory, position) => [`writable${position}`, directory])),
    modules: { directory: kernel.modules, release: kernel.release },
  }
  const command = { ...run.command, environment: { ...run.command.environment, ...told } }
  return {
    ...{ emulator, kernel, accelerator, memoryMiB, cpus, layout, output, errors },
    initialRoot: initialRoot(run.busybox, layout, command),
  }
}
