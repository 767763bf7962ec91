import { rmdirSync } from 'node:fs'

/** Removes a directory if nothing is in it. */
export function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // Something is in it, or it is gone.
  }
}
