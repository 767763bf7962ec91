import { availableParallelism, release } from 'node:os'
import { type CgroupLayout, cgroupLayout } from './cgroup-layout.ts'

/** The facts about a machine that a result depends on; `host` in results.json. */
export interface HostFacts {
  /** The kernel's release, as `uname -r` prints it. */
  readonly kernel: string
  /** The processor's name in Node's words: `x64`, `arm64`, … */
  readonly arch: string
  readonly cgroup: CgroupLayout['kind']
  /** Whether the harness runs without root's user id. */
  readonly rootless: boolean
  readonly cpus: number
  /** The virtual machine that the run was given, in words; absent where the run is on the host. */
  readonly machine?: string
  /** The words of a command line that ask for such a machine, where it was one that was asked for. */
  readonly machineOptions?: readonly string[]
}

/** Environment of what runs in a virtual machine of ours: what that machine is. */
export const guestVariable = 'RUNWRIGHT_MACHINE'

/** There also the words that asked for it, as a JSON array. */
export const guestOptionsVariable = 'RUNWRIGHT_MACHINE_OPTIONS'

/** Looks at this machine. */
export function hostFacts(): HostFacts {
  const machine = process.env[guestVariable]
  return {
    kernel: release(),
    arch: process.arch,
    cgroup: cgroupLayout().kind,
    rootless: process.geteuid?.() !== 0,
    cpus: availableParallelism(),
    ...(machine === undefined ? {} : { machine, ...askedFor() }),
  }
}

function askedFor(): Pick<HostFacts, 'machineOptions'> {
  const words: unknown = parsed(process.env[guestOptionsVariable] ?? '')
  return Array.isArray(words) && words.every((word) => typeof word === 'string')
    ? { machineOptions: words }
    : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
