/** How much a kind of problem weighs, and which section of the specification (or kernel document) it goes against. */
interface ProblemKind {
  readonly severity: 'error' | 'warning'
  readonly source: string
}

/** Problems with the shape of a value: their section is that of the part they are in. */
const shapeKinds = {
  /** Not of the type it has to be. */
  WRONG_TYPE: { severity: 'error' },
  /** A required member is not there. */
  MISSING: { severity: 'error' },
  /** Not one of the values there are. */
  UNKNOWN_VALUE: { severity: 'error' },
  /** An integer too small or too large. */
  OUT_OF_RANGE: { severity: 'error' },
  /** A text of another form. */
  MALFORMED: { severity: 'error' },
  /** A list that must not be empty. */
  EMPTY: { severity: 'error' },
} as const satisfies Readonly<Record<string, Pick<ProblemKind, 'severity'>>>

function kinds<const Code extends string>(
  source: string,
  codes: Readonly<Record<Code, ProblemKind['severity']>>,
): Readonly<Record<Code, ProblemKind>>
function kinds(source: string, codes: Readonly<Record<string, ProblemKind['severity']>>) {
  return Object.fromEntries(Object.entries(codes).map(([code, severity]) => [code, { severity, source }]))
}

/** Every kind of problem, by its code. */
export const problemKinds = {
  ...shapeKinds,

  ...kinds('config.md#specification-version', { VERSION_MALFORMED: 'error' }),
  ...kinds('config.md#platform (1.0.0-rc5)', { PLATFORM_OS: 'error', PLATFORM_ARCH: 'error' }),
  ...kinds('config.md#root', { ROOT_MISSING: 'error', ROOT_PATH_EMPTY: 'error' }),
  ...kinds('config.md#annotations', { ANNOTATION_KEY_EMPTY: 'error' }),
  // By the letter this sets the name of the runtime's uts namespace, so runtimes differ.
  ...kinds('config.md#hostname', { HOSTNAME_WITHOUT_UTS: 'warning', HOSTNAME_TOO_LONG: 'error' }),
  ...kinds('config.md#domainname', { DOMAINNAME_WITHOUT_UTS: 'warning', DOMAINNAME_TOO_LONG: 'error' }),
  ...kinds('execve(2), path_resolution(7)', { NUL_CHARACTER: 'error' }),

  ...kinds('config.md#process', {
    PROCESS_MISSING: 'warning',
    CWD_EMPTY: 'error',
    CWD_RELATIVE: 'error',
    ARGS_EMPTY: 'error',
    ENV_MALFORMED: 'warning',
    CONSOLE_SIZE_IGNORED: 'warning',
  }),
  ...kinds('config.md#posix-process', { RLIMIT_DUPLICATE: 'error' }),
  ...kinds('setrlimit(2)', { RLIMIT_SOFT_OVER_HARD: 'error' }),
  ...kinds('config.md#linux-process', {
    CAPABILITY_UNKNOWN: 'warning',
    IO_PRIORITY_RANGE: 'error',
  }),
  ...kinds('capabilities(7)', { CAPABILITY_NOT_PERMITTED: 'warning' }),
  ...kinds('proc_pid_oom_score_adj(5)', { OOM_SCORE_RANGE: 'error' }),
  ...kinds('sched_setattr(2)', { SCHEDULER_NICE_RANGE: 'error', SCHEDULER_PRIORITY_RANGE: 'error' }),
  ...kinds('umask(2)', { UMASK_RANGE: 'warning' }),
  ...kinds('cpuset(7), list format', { CPU_LIST_MALFORMED: 'error' }),

  ...kinds('config.md#mounts', {
    MOUNT_DESTINATION_EMPTY: 'error',
    MOUNT_DESTINATION_RELATIVE: 'warning',
    MOUNT_BIND_WITHOUT_OPTION: 'warning',
    MOUNT_BIND_WITHOUT_SOURCE: 'error',
  }),
  ...kinds('config.md#posix-platform-mounts', {
    MOUNT_MAPPINGS_INCOMPLETE: 'error',
    MOUNT_MAPPINGS_WITHOUT_OPTION: 'warning',
  }),
  ...kinds('config.md#linux-mount-options', { MOUNT_IDMAP_WITHOUT_MAPPINGS: 'error' }),

  ...kinds('config.md#posix-platform-hooks', { HOOK_PATH_RELATIVE: 'error' }),

  ...kinds('config-linux.md#namespaces', { NAMESPACE_DUPLICATE: 'error', NAMESPACE_PATH_RELATIVE: 'error' }),
  ...kinds('config-linux.md#user-namespace-mappings', {
    // Optional in the specification; runc refuses it, while crun finds mappings itself.
    USER_NAMESPACE_WITHOUT_MAPPINGS: 'warning',
    MAPPINGS_WITHOUT_USER_NAMESPACE: 'warning',
  }),
  ...kinds('user_namespaces(7)', {
    MAPPING_EMPTY: 'error',
    MAPPING_OVERLAP: 'error',
    MAPPING_RANGE: 'error',
  }),
  ...kinds('config-linux.md#offset-for-time-namespace', { TIME_OFFSETS_WITHOUT_NAMESPACE: 'error' }),
  ...kinds('time_namespaces(7)', { TIME_OFFSET_RANGE: 'error' }),

  ...kinds('config-linux.md#devices', {
    DEVICE_PATH_RELATIVE: 'error',
    DEVICE_NUMBERS_MISSING: 'error',
    DEVICE_MODE_RANGE: 'warning',
    DEVICE_DUPLICATE: 'warning',
  }),
  ...kinds('config-linux.md#allowed-device-list', { DEVICE_RULE_TYPE: 'error', DEVICE_RULE_ACCESS: 'error' }),

  ...kinds('config-linux.md#memory', {
    MEMORY_LIMIT_RANGE: 'error',
    MEMORY_SWAP_BELOW_LIMIT: 'error',
    MEMORY_SWAPPINESS_RANGE: 'error',
    MEMORY_KERNEL_DISCOURAGED: 'warning',
  }),
  ...kinds('config-linux.md#cpu', { CPU_BURST_OVER_QUOTA: 'error', CPU_IDLE_RANGE: 'error' }),
  ...kinds('config-linux.md#pids', { PIDS_LIMIT_RANGE: 'error' }),
  ...kinds('config-linux.md#block-io', { WEIGHT_DEVICE_WITHOUT_WEIGHT: 'error' }),
  ...kinds('config-linux.md#rdma', { RDMA_EMPTY: 'error' }),
  ...kinds('config-linux.md#unified', { UNIFIED_KEY_NOT_A_FILE: 'error' }),

  ...kinds('config-linux.md#seccomp', {
    SECCOMP_ERRNO_UNSUPPORTED: 'error',
    SECCOMP_METADATA_WITHOUT_LISTENER: 'error',
    SECCOMP_NOTIFY_WITHOUT_LISTENER: 'error',
    SECCOMP_ARGUMENT_INDEX: 'error',
  }),
  ...kinds('config-linux.md#masked-paths', { MASKED_PATH_RELATIVE: 'error' }),
  ...kinds('config-linux.md#readonly-paths', { READONLY_PATH_RELATIVE: 'error' }),
  ...kinds('config-linux.md#personality', { PERSONALITY_FLAG_UNKNOWN: 'error' }),
  ...kinds('config-linux.md#intelrdt', { INTEL_RDT_LINE_BREAK: 'error', INTEL_RDT_PREFIX: 'warning' }),
} as const satisfies Readonly<Record<string, Pick<ProblemKind, 'severity'> & Partial<ProblemKind>>>

/** A kind of problem, for programs. */
export type ProblemCode = keyof typeof problemKinds

/** A kind of problem with the shape of a value. */
export type ShapeProblemCode = keyof typeof shapeKinds
