import { chmod, lstat, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { printable } from './entry-name.ts'
import { ArchiveInUseError } from './errors.ts'
import { type ProgramEnd, startProgram } from './programs.ts'

/**
 * Removes a directory with everything in it, or nothing when it does not exist. Does not descend into other file
 * systems mounted inside. Directories of an ordinary user that forbid writing are made writable first: unpacked rootfs
 * hold such.
 *
 * @throws ArchiveInUseError when something is left.
 */
export async function removeTree(path: string): Promise<void> {
  const first = await remove(path)
  if (first.exitCode === 0) return
  await makeWritable(path)
  const second = await remove(path)
  if (second.exitCode === 0) return
  throw new ArchiveInUseError(path, `it cannot be removed: ${printable(second.complaints)}`)
}

/** fs.rm of Node 20 starts on all entries of a directory at once: a million promises for a million entries. */
async function remove(path: string): Promise<ProgramEnd> {
  const program = await startProgram(['rm', '-rf', '--one-file-system', '--', resolve(path)], {
    archive: path,
  })
  program.stdin.end()
  program.stdout.resume()
  return await program.ended
}

async function makeWritable(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isDirectory() !== true) return
  await chmod(path, stats.mode | 0o700).catch(() => undefined)
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name))
  }
}
