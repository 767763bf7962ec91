import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isProcessAlive } from '../host/index.ts'
import type { Deadline } from './deadline.ts'
import { processOfTransient } from './publish.ts'
import { type Obstacle, removeTree } from './remove-tree.ts'

/**
 * Removes the directories that a dead process was just opening or removing.
 *
 * @param home the directory of all sessions, or of their bundles
 * @returns what could not be removed
 */
export async function removeDeadTransients(home: string, deadline: Deadline): Promise<readonly Obstacle[]> {
  const obstacles: Obstacle[] = []
  for (const name of namesIn(home)) {
    const maker = processOfTransient(name)
    if (maker === undefined || isProcessAlive(maker)) continue
    // Nothing was ever mounted in one: it held the record alone, or all else was gone before.
    obstacles.push(...(await removeTree(join(home, name), { mountPoints: [], deadline })))
  }
  return obstacles
}

/** The entries of a directory; none where there is no directory. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
