/** System call filtering: config-linux.md, seccomp. */
import * as v from 'valibot'
import { seccompArchitectures } from '../tables/architectures.ts'
import { list, object, oneOf, optional, type Schema, text, texts, uint32, uint64 } from './notation.ts'

/** What may happen to a system call. */
export const seccompActions = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
] as const

export type SeccompAction = (typeof seccompActions)[number]

/** How an argument is compared. */
export const seccompOperators = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
] as const

export type SeccompOperator = (typeof seccompOperators)[number]

/** Flags of seccomp(2). */
export const seccompFlags = [
  'SECCOMP_FILTER_FLAG_TSYNC',
  'SECCOMP_FILTER_FLAG_LOG',
  'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
] as const

export type SeccompFlag = (typeof seccompFlags)[number]

const seccompArgument = object({
  /** Which argument, 0 to 5. */
  index: uint32,
  /** What it is compared with; the mask for SCMP_CMP_MASKED_EQ. */
  value: uint64,
  /** What the masked argument has to be, for SCMP_CMP_MASKED_EQ. */
  valueTwo: optional(uint64),
  op: oneOf(seccompOperators),
})
export interface SeccompArgument extends v.InferInput<typeof seccompArgument> {}
export const seccompArgumentSchema: Schema<SeccompArgument> = seccompArgument

const seccompRule = object({
  /** System calls, at least one. */
  names: v.pipe(texts, v.minLength(1, 'must have at least one item')),
  action: oneOf(seccompActions),
  /** For SCMP_ACT_ERRNO and SCMP_ACT_TRACE; EPERM when absent. */
  errnoRet: optional(uint32),
  /** Conditions that must all hold. */
  args: optional(list(seccompArgumentSchema)),
})
/** What happens to some system calls. */
export interface SeccompRule extends v.InferInput<typeof seccompRule> {}
export const seccompRuleSchema: Schema<SeccompRule> = seccompRule

const seccomp = object({
  /** For system calls without a rule. */
  defaultAction: oneOf(seccompActions),
  /** EPERM when absent; since 1.1. */
  defaultErrnoRet: optional(uint32),
  architectures: optional(list(oneOf(seccompArchitectures))),
  flags: optional(list(oneOf(seccompFlags))),
  /** Socket of the agent that answers SCMP_ACT_NOTIFY; since 1.1. */
  listenerPath: optional(text),
  /** Handed to the agent as it is; since 1.1. */
  listenerMetadata: optional(text),
  syscalls: optional(list(seccompRuleSchema)),
})
/** The system call filter of a container. */
export interface Seccomp extends v.InferInput<typeof seccomp> {}
export const seccompSchema: Schema<Seccomp> = seccomp
