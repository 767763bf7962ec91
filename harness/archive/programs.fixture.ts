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
  return await pathWithProgram(directory, 'tar', `[ "$1" = --version ] && exec /bin/tar --version\n${script}`)
}

/** Writes a script that stands for a program. @returns a PATH with it at its front. */
export async function pathWithProgram(directory: string, name: string, script: string): Promise<string> {
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(directory, name), 0o755)
  return `${directory}:${process.env['PATH']}`
}
