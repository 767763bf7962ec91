import { readFileSync } from 'node:fs'

/** What this process may do to a file system; decides what of an archive can be kept. */
export interface UnpackPrivilege {
  /** Give files to any user and group. */
  readonly owners: boolean
  /** Make device nodes. */
  readonly devices: boolean
  /** Set `security.*` and `trusted.*` attributes. */
  readonly systemAttributes: boolean
  /** Read and search whatever the permission bits say. */
  readonly everywhere: boolean
}

/** Bits of the effective set, see capabilities(7). */
const capability = {
  chown: 0,
  readEverywhere: 1,
  setFileCapabilities: 31,
  administrate: 21,
  makeDevices: 27,
} as const

const nothing: UnpackPrivilege = { owners: false, devices: false, systemAttributes: false, everywhere: false }

/**
 * Reads this process's capabilities. In a user namespace of its own a process holds them all and still cannot make
 * devices or give files to users that are not mapped, so there it counts as having none.
 */
export function currentPrivilege(): UnpackPrivilege {
  if (!mapsAllUsers()) return nothing
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const set = BigInt(`0x${effective}`)
  const has = (bit: number): boolean => ((set >> BigInt(bit)) & 1n) === 1n
  return {
    owners: has(capability.chown),
    devices: has(capability.makeDevices),
    systemAttributes: has(capability.setFileCapabilities) && has(capability.administrate),
    everywhere: has(capability.readEverywhere),
  }
}

/** The initial user namespace maps all 2^32 - 1 ids to themselves, see user_namespaces(7). */
function mapsAllUsers(): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
}
