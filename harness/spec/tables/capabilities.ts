/** The capabilities of Linux; a name's place is its number in the kernel (capabilities(7), linux/capability.h). */
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const

/** A capability by its name in a configuration. */
export type Capability = (typeof capabilityNames)[number]

/** Each capability's number: its bit in the masks of /proc/PID/status. */
export const capabilityNumbers: ReadonlyMap<Capability, number> = new Map(
  capabilityNames.map((name, number) => [name, number]),
)

/**
 * The names in a mask as /proc/PID/status prints it, in the kernel's order. Bits of capabilities newer than the table
 * become `CAP_41` and so on, so that no bit goes unseen.
 *
 * @param mask hexadecimal digits, such as `00000000a80425fb`.
 */
export function capabilitiesOfMask(mask: string): string[] {
  const bits = BigInt(`0x${mask}`)
  const numbers = Array.from({ length: 64 }, (_, number) => number)
  return numbers
    .filter((number) => (bits >> BigInt(number)) & 1n)
    .map((number) => capabilityNames[number] ?? `CAP_${number}`)
}
