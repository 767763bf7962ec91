/**
 * A throwaway virtual machine of the host's own files, in which a run takes place: on another kernel, with another cgroup
 * layout, as root without being root.
 */

export { downloadEmulator, findEmulator } from './emulator.ts'
export { NoVirtualMachineError, VirtualMachineDiedError } from './errors.ts'
export {
  type GuestCgroups,
  type GuestInit,
  type GuestTerminal,
  guestCgroups,
  guestHome,
  guestInits,
} from './guest.ts'
export { findUser, type GuestUser } from './guest-user.ts'
export { downloadKernel, findKernel, type GuestKernel, listKernels } from './kernel.ts'
export { type DescribeMachine, emulatorText, runInMachine } from './run-in-machine.ts'
export type { Accelerator } from './virtual-machine.ts'
