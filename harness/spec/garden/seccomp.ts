import type { Seccomp, SeccompRule } from '../schema/seccomp.ts'
import { allowedSystemCalls } from './system-calls.ts'

/** `default` is for containers without privilege, `fuse` also lets them mount file systems. */
export type SeccompProfileName = 'default' | 'fuse'

/** Namespaces an unprivileged process must not make: NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of clone(2). */
const newNamespaces = 0x7c02_0000

/** CLONE_NEWNS of setns(2): the mount namespace. */
const mountNamespace = 0x0002_0000

/** ENOSYS: C libraries then fall back to clone, whose flags a filter can see. */
const notImplemented = 38

/** Linux, Linux with a 32-bit look, and the question which it is (personality(2)). */
const harmlessPersonalities = [0x0, 0x8, 0xffff_ffff]

const always: readonly SeccompRule[] = [
  { names: [...allowedSystemCalls], action: 'SCMP_ACT_ALLOW' },
  ...harmlessPersonalities.map(
    (value): SeccompRule => ({
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
    }),
  ),
]

const withoutNamespaces: readonly SeccompRule[] = [
  {
    names: ['clone'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: newNamespaces, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  },
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: notImplemented },
]

/** A FUSE daemon makes its own mount namespace, mounts there, and hands the mount on. */
const fuse: readonly SeccompRule[] = [
  {
    names: [
      'clone',
      'clone3',
      'keyctl',
      'mount',
      'mount_setattr',
      'move_mount',
      'pidfd_getfd',
      'pivot_root',
      'sethostname',
      'umount',
      'umount2',
      'unshare',
    ],
    action: 'SCMP_ACT_ALLOW',
  },
  {
    names: ['setns'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 1, value: mountNamespace, op: 'SCMP_CMP_EQ' }],
  },
]

/** The rules of a profile. No system call has two, so nothing depends on which of them a runtime prefers. */
const rules: Readonly<Record<SeccompProfileName, readonly SeccompRule[]>> = {
  default: [...always, ...withoutNamespaces],
  fuse: [...fuse, ...always],
}

/**
 * A system call filter that refuses, with EPERM, whatever is not allowed (config-linux.md, seccomp). It covers 64-bit
 * x86 and ARM and the 32-bit programs these run, and is the caller's to edit.
 */
export function gardenSeccompProfile(name: SeccompProfileName): Seccomp {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: [
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
      'SCMP_ARCH_X32',
      'SCMP_ARCH_ARM',
      'SCMP_ARCH_AARCH64',
    ],
    syscalls: structuredClone([...rules[name]]),
  }
}
