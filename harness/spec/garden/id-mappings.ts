import type { IdMapping } from '../schema/mounts.ts'
import { GardenHostError } from './errors.ts'

/** A line of /proc/PID/uid_map or gid_map: ids there are in the reader's own user namespace (user_namespaces(7)). */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly size: number
}

/**
 * Reads the text of a uid_map or gid_map file.
 *
 * @param source Name of the file, for errors.
 * @throws {GardenHostError} when the text is empty, or a line is not three numbers.
 */
export function parseIdMap(text: string, source: string): IdRange[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw new GardenHostError(`empty reader: ${source} maps no id`)
  return lines.map((line) => parseRange(line, source))
}

function parseRange(line: string, source: string): IdRange {
  const [inside, outside, size] = (/^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line) ?? []).slice(1).map(Number)
  if (inside === undefined || outside === undefined || size === undefined) {
    throw new GardenHostError(`scanf: ${source} has the line '${line}' where three numbers are expected`)
  }
  return { inside, outside, size }
}

/** The largest id that exists in a user namespace with this map. */
export function largestId(ranges: readonly IdRange[]): number {
  return Math.max(...ranges.map(({ inside, size }) => inside + size - 1))
}

/**
 * Mappings for a container's user namespace: its root is the host's largest id, which nobody else uses, and every other
 * id is itself. Where the host's own map has gaps there is a mapping for each piece, because the kernel refuses a mapping
 * that is not within one line of the parent's map.
 */
export function idMappings(ranges: readonly IdRange[]): IdMapping[] {
  const largest = largestId(ranges)
  const root: IdMapping = { containerID: 0, hostID: largest, size: 1 }
  const others = ranges
    .map(({ inside, size }) => ({
      first: Math.max(inside, 1),
      last: Math.min(inside + size - 1, largest - 1),
    }))
    .filter(({ first, last }) => first <= last)
    .sort((one, other) => one.first - other.first)
    .map(({ first, last }) => ({ containerID: first, hostID: first, size: last - first + 1 }))
  return [root, ...others]
}

/** Whether an id of the container stands for one of the host. */
export function isMapped(id: number, mappings: readonly IdMapping[]): boolean {
  return mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size)
}
