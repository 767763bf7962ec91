import { statSync } from 'node:fs'

/**
 * What a program's file is known by: its place on disk, its size and when it was last changed. A file that is written to
 * or replaced has another, whatever time it says it is of: nobody sets the time of its last change of status. To read a
 * runtime of ten megabytes takes as long as to run it.
 *
 * @throws the error of node:fs where there is no such file
 */
export function programIdentity(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
