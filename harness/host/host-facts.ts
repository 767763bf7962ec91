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
}

/** Looks at this machine. */
export function hostFacts(): HostFacts {
  return {
    kernel: release(),
    arch: process.arch,
    cgroup: cgroupLayout().kind,
    rootless: process.geteuid?.() !== 0,
    cpus: availableParallelism(),
  }
}
