import { NoVirtualMachineError } from './errors.ts'

/** What a virtual machine of a processor is made of. */
export interface Architecture {
  /** The emulator's program, and the package that brings it. */
  readonly emulator: string
  readonly emulatorPackage: string
  /** The package that always depends on the newest kernel with all of its modules. */
  readonly kernelPackage: string
  /** The type of machine, in the emulator's words. */
  readonly machine: string
  /** The kernel's name of the first serial port. */
  readonly console: string
}

const architectures: Readonly<Partial<Record<NodeJS.Architecture, Architecture>>> = {
  x64: {
    emulator: 'qemu-system-x86_64',
    emulatorPackage: 'qemu-system-x86',
    kernelPackage: 'linux-image-amd64',
    machine: 'pc',
    console: 'ttyS0',
  },
}

/** @throws NoVirtualMachineError on a processor that no virtual machine was tried on */
export function hostArchitecture(): Architecture {
  const architecture = architectures[process.arch]
  if (architecture !== undefined) return architecture
  throw new NoVirtualMachineError(
    `no virtual machine is known for ${process.arch}, only for ${Object.keys(architectures).join(', ')}: run on the host`,
  )
}
