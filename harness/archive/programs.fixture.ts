import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes a script that stands for tar: it answers to --version as the real one, else does what it is told to, which
 * may end in `exec /bin/tar "$@"`.
 *
 * @param directory a new one
 * @returns a PATH with the directory at its front.
 */
export async function pathWithTar(directory: string, script: string): Promise<string> {
  const lines = ['#!/bin/sh', '[ "$1" = --version ] && exec /bin/tar --version', script, '']
  await writeFile(join(directory, 'tar'), lines.join('\n'))
  await chmod(join(directory, 'tar'), 0o755)
  return `${directory}:${process.env['PATH']}`
}
