/** The process of a container: config.md, process; also the whole of the process file that `exec` takes. */
import type * as v from 'valibot'
import { rlimitNames } from '../tables/rlimits.ts'
import {
  flag,
  int32,
  integer,
  list,
  object,
  oneOf,
  optional,
  type Schema,
  text,
  textLike,
  texts,
  uint32,
  uint64,
} from './notation.ts'

const user = object({
  /** User id inside the container's user namespace. */
  uid: uint32,
  /** Group id inside the container's user namespace. */
  gid: uint32,
  /** File mode creation mask, as a decimal number: 63 is 0077. Inherited when absent. */
  umask: optional(uint32),
  /** Supplementary groups. */
  additionalGids: optional(list(uint32)),
  /** Windows only. */
  username: optional(text),
})
/** Who the process runs as (config.md, POSIX-platform user). */
export interface User extends v.InferInput<typeof user> {}
export const userSchema: Schema<User> = user

const capabilitySets = object({
  bounding: optional(texts),
  effective: optional(texts),
  inheritable: optional(texts),
  permitted: optional(texts),
  ambient: optional(texts),
})
/** The five capability sets, each a list of names such as `CAP_KILL` (capabilities(7)). */
export interface CapabilitySets extends v.InferInput<typeof capabilitySets> {}
export const capabilitySetsSchema: Schema<CapabilitySets> = capabilitySets

const rlimit = object({
  type: oneOf(rlimitNames),
  /** The limit in force. */
  soft: uint64,
  /** The ceiling up to which the process may raise the soft limit. */
  hard: uint64,
})
/** One resource limit (config.md, POSIX process; getrlimit(2)). */
export interface Rlimit extends v.InferInput<typeof rlimit> {}
export const rlimitSchema: Schema<Rlimit> = rlimit

const consoleSize = object({
  /** Rows. */
  height: uint64,
  /** Columns. */
  width: uint64,
})
/** Size of the terminal in characters; without a terminal it means nothing. */
export interface ConsoleSize extends v.InferInput<typeof consoleSize> {}
export const consoleSizeSchema: Schema<ConsoleSize> = consoleSize

const scheduler = object({
  policy: oneOf([
    'SCHED_OTHER',
    'SCHED_FIFO',
    'SCHED_RR',
    'SCHED_BATCH',
    'SCHED_ISO',
    'SCHED_IDLE',
    'SCHED_DEADLINE',
  ]),
  nice: optional(int32),
  priority: optional(int32),
  flags: optional(
    list(
      oneOf([
        'SCHED_FLAG_RESET_ON_FORK',
        'SCHED_FLAG_RECLAIM',
        'SCHED_FLAG_DL_OVERRUN',
        'SCHED_FLAG_KEEP_POLICY',
        'SCHED_FLAG_KEEP_PARAMS',
        'SCHED_FLAG_UTIL_CLAMP_MIN',
        'SCHED_FLAG_UTIL_CLAMP_MAX',
      ]),
    ),
  ),
  /** Nanoseconds, for SCHED_DEADLINE. */
  runtime: optional(uint64),
  /** Nanoseconds, for SCHED_DEADLINE. */
  deadline: optional(uint64),
  /** Nanoseconds, for SCHED_DEADLINE. */
  period: optional(uint64),
})
/** Scheduling policy of the process; since 1.1 (sched_setattr(2)). */
export interface Scheduler extends v.InferInput<typeof scheduler> {}
export const schedulerSchema: Schema<Scheduler> = scheduler

const ioPriority = object({
  class: oneOf(['IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE']),
  /** 0 (most favoured) to 7 within the class. */
  priority: int32,
})
/** Input and output priority of the process; since 1.1 (ioprio_set(2)). */
export interface IoPriority extends v.InferInput<typeof ioPriority> {}
export const ioPrioritySchema: Schema<IoPriority> = ioPriority

const cpuList = textLike(/^[0-9, -]*$/, 'a list of CPUs such as 0-3,7')

const execCpuAffinity = object({
  /** CPUs while the runtime sets the process up, such as `0-1,3`. */
  initial: optional(cpuList),
  /** CPUs from the moment the process has its cgroup; the kernel chooses when absent. */
  final: optional(cpuList),
})
/** CPU affinity of an exec'ed process; since 1.2.1. */
export interface ExecCpuAffinity extends v.InferInput<typeof execCpuAffinity> {}
export const execCpuAffinitySchema: Schema<ExecCpuAffinity> = execCpuAffinity

/** The members of a process; configurations before 1.0.0-rc5 share all but the capabilities. */
export const processMembers = {
  /** Whether a terminal is attached; false when absent. */
  terminal: optional(flag),
  consoleSize: optional(consoleSizeSchema),
  /** Absolute path the program starts in. */
  cwd: text,
  /** The environment, `NAME=value` each. */
  env: optional(texts),
  /** Program and arguments, at least one entry; the first is looked up along PATH of `env`. */
  args: optional(texts),
  /** Windows only. */
  commandLine: optional(text),
  user: optional(userSchema),
  capabilities: optional(capabilitySetsSchema),
  rlimits: optional(list(rlimitSchema)),
  /** Whether the program is barred from gaining privileges; false when absent. */
  noNewPrivileges: optional(flag),
  apparmorProfile: optional(text),
  selinuxLabel: optional(text),
  /** -1000 to 1000; inherited when absent. */
  oomScoreAdj: optional(integer),
  scheduler: optional(schedulerSchema),
  ioPriority: optional(ioPrioritySchema),
  execCPUAffinity: optional(execCpuAffinitySchema),
}

const processSpec = object(processMembers)
/** What runs in the container, and as whom (config.md, process). */
export interface ProcessSpec extends v.InferInput<typeof processSpec> {}
export const processSchema: Schema<ProcessSpec> = processSpec
