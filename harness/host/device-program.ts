import { closeSync, constants, openSync } from 'node:fs'
import { attachProgram, closeDescriptor, loadProgram } from './system-calls.ts'

/** `return 1`, which allows every access, in eBPF instructions of eight bytes. */
const allowEverything = Uint8Array.of(0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

const BPF_PROG_TYPE_CGROUP_DEVICE = 15
const BPF_CGROUP_DEVICE = 6

/**
 * Puts a device program on a v2 cgroup, the way runtimes control devices there. It goes with the cgroup.
 *
 * @throws SystemCallError when the kernel has no such programs or this process may not load one.
 */
export function attachDeviceProgram(cgroup: string): void {
  const program = loadProgram(BPF_PROG_TYPE_CGROUP_DEVICE, allowEverything)
  const directory = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    attachProgram(directory, program, BPF_CGROUP_DEVICE)
  } finally {
    closeSync(directory)
    closeDescriptor(program)
  }
}
