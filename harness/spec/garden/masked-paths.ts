import { isAbsolutePath } from './absolute-path.ts'
import type { GardenContainer } from './container.ts'
import { GardenPathError } from './errors.ts'
import type { Treatment } from './treatment.ts'

/** Files and directories that tell about the host, or let it be attacked: the container finds them empty. */
export const gardenMaskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
]

/** Settings of the kernel: the container may read them. */
export const gardenReadonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/**
 * What of the kernel's files a container cannot see or change: what it asks for, else by its privilege.
 *
 * @throws {GardenPathError} for a path that is not absolute (config-linux.md, masked and readonly paths).
 */
export function hiddenPaths(
  container: Pick<GardenContainer, 'maskedPaths' | 'readonlyPaths'>,
  treatment: Treatment,
): { maskedPaths: string[]; readonlyPaths: string[] } {
  const hides = treatment.hiddenKernelPaths
  const { maskedPaths = hides ? gardenMaskedPaths : [], readonlyPaths = hides ? gardenReadonlyPaths : [] } =
    container
  return {
    maskedPaths: absolute('maskedPaths', maskedPaths),
    readonlyPaths: absolute('readonlyPaths', readonlyPaths),
  }
}

function absolute(member: string, paths: readonly string[]): string[] {
  const wrong = paths.findIndex((path) => !isAbsolutePath(path))
  if (wrong < 0) return [...paths]
  throw new GardenPathError(`${member}[${wrong}] must be an absolute path: '${paths[wrong]}'`)
}
