import type { JsonPath } from '../../json/path.ts'
import type { IdMapping } from '../../schema/mounts.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import type { Subject } from '../check.ts'
import type { Finding } from '../problem.ts'

type Side = 'containerID' | 'hostID'
type Placed = readonly [place: number, mapping: DeepReadonly<IdMapping>]

/** Ids go up to 2^32 - 2; the last number means "none" (user_namespaces(7)). */
const ids = 2 ** 32 - 1

/** Id mappings that the kernel refuses to write: empty, too far, or overlapping ones (user_namespaces(7)). */
export function* checkMappings(
  entries: Subject['entries'],
  mappings: DeepReadonly<IdMapping[]> | undefined,
  path: JsonPath,
): Iterable<Finding> {
  const placed = entries(mappings)
  for (const [place, { containerID, hostID, size }] of placed) {
    if (size === 0) {
      const at = [...path, place, 'size']
      yield { code: 'MAPPING_EMPTY', path: at, value: size, message: 'must map at least one id' }
    }
    if (Math.max(containerID, hostID) + size > ids) {
      const message = `reaches beyond the last id, ${ids - 1}`
      yield { code: 'MAPPING_RANGE', path: [...path, place, 'size'], value: size, message }
    }
  }
  yield* checkOverlap(placed, 'containerID', path)
  yield* checkOverlap(placed, 'hostID', path)
}

function* checkOverlap(placed: readonly Placed[], side: Side, path: JsonPath): Iterable<Finding> {
  for (const [position, [place, mapping]] of placed.entries()) {
    const start = mapping[side]
    const other = placed
      .slice(0, position)
      .find(([, before]) => before[side] < start + mapping.size && start < before[side] + before.size)
    if (other === undefined) continue
    const message = `starts a range that overlaps the one of entry ${other[0]}`
    yield { code: 'MAPPING_OVERLAP', path: [...path, place, side], value: start, message }
  }
}
