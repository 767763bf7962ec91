import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'

/** Where runtimes and system tools are installed although a user's PATH often leaves it out. */
const systemDirectories = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
] as const

/**
 * Finds a program by name, on PATH and then in the system's own directories, or by a path that is taken as it is.
 *
 * @returns its absolute path; undefined when there is no such executable file
 */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return isProgram(resolve(name)) ? resolve(name) : undefined
  const onPath = (process.env['PATH'] ?? '').split(':').filter(isAbsolute)
  return [...onPath, ...systemDirectories].map((directory) => join(directory, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
