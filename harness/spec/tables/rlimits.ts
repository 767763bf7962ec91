/** The sixteen resource limits of Linux; a name's place is its number in the kernel (getrlimit(2), asm-generic/resource.h). */
export const rlimitNames = [
  'RLIMIT_CPU',
  'RLIMIT_FSIZE',
  'RLIMIT_DATA',
  'RLIMIT_STACK',
  'RLIMIT_CORE',
  'RLIMIT_RSS',
  'RLIMIT_NPROC',
  'RLIMIT_NOFILE',
  'RLIMIT_MEMLOCK',
  'RLIMIT_AS',
  'RLIMIT_LOCKS',
  'RLIMIT_SIGPENDING',
  'RLIMIT_MSGQUEUE',
  'RLIMIT_NICE',
  'RLIMIT_RTPRIO',
  'RLIMIT_RTTIME',
] as const

/** A resource limit by its name in a configuration. */
export type RlimitName = (typeof rlimitNames)[number]

/** Each limit's number, as prlimit(2) takes it. */
export const rlimitNumbers: ReadonlyMap<RlimitName, number> = new Map(
  rlimitNames.map((name, number) => [name, number]),
)

/** What the kernel takes for "no limit": RLIM_INFINITY, the largest unsigned 64-bit integer. */
export const unlimited = 0xffff_ffff_ffff_ffffn
