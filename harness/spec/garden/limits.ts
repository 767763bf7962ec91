import type { Integer64 } from '../schema/notation.ts'
import type { LinuxResources } from '../schema/resources.ts'
import type { GardenLimits } from './container.ts'
import { GardenLimitError } from './errors.ts'
import type { GardenHost } from './host.ts'

/** Largest value of a signed 64-bit number, which memory and pids limits are. */
const largest = 2n ** 63n - 1n

/**
 * The cgroup limits of a container: CPU shares, memory, and number of tasks. What is absent or 0 is not limited.
 *
 * Swap is not extra: where the kernel accounts for it, memory and swap together are held to the memory limit.
 *
 * @throws {GardenLimitError} for a limit that is negative, not whole, or too large for the kernel.
 */
export function limitResources(
  limits: GardenLimits,
  host: Pick<GardenHost, 'swapAccounting'>,
): Pick<LinuxResources, 'cpu' | 'memory' | 'pids'> {
  const weight = limit('limits.cpu.weight', limits.cpu?.weight)
  const shares = weight ?? limit('limits.cpu.limitInShares', limits.cpu?.limitInShares)
  const memory = limit('limits.memory.limitInBytes', limits.memory?.limitInBytes)
  const pids = limit('limits.pid.max', limits.pid?.max)
  return {
    ...(shares !== undefined && { cpu: { shares } }),
    ...(memory !== undefined && {
      memory: host.swapAccounting ? { limit: memory, swap: memory } : { limit: memory },
    }),
    ...(pids !== undefined && { pids: { limit: pids } }),
  }
}

function limit(name: string, value: Integer64 | undefined): Integer64 | undefined {
  if (value === undefined) return undefined
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (!whole || value < 0 || value > largest) {
    throw new GardenLimitError(
      `${name} is ${value}: a limit is a whole number from 1 to 2^63 - 1, or 0 for none`,
    )
  }
  return value > 0 ? value : undefined
}
