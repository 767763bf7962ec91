import { GardenEnvironmentError } from './errors.ts'
import { searchPath } from './search-path.ts'

/**
 * The environment of a process: the given entries in order, and a PATH for the user where none is given.
 *
 * @param uid User id inside the container.
 * @throws {GardenEnvironmentError} for an entry that is not `NAME=value`.
 */
export function environment(entries: readonly string[], uid: number): string[] {
  entries.forEach(checkEntry)
  const hasPath = entries.some((entry) => entry.startsWith('PATH='))
  return hasPath ? [...entries] : [...entries, `PATH=${searchPath(uid)}`]
}

function checkEntry(entry: string, position: number): void {
  if (/^[^=\0]+=[^\0]*$/.test(entry)) return
  throw new GardenEnvironmentError(`env[${position}] is ${JSON.stringify(entry)}: expected NAME=value`)
}
