import { chmod, lstat, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ownOverlays, readMounts, runTool, ToolError } from '../host/index.ts'
import { printable } from './entry-name.ts'
import { ArchiveInUseError } from './errors.ts'

/**
 * Removes a directory with everything in it, or nothing when it does not exist. Where something is mounted inside, it
 * removes nothing: it would be the mounted files that go. Directories of an ordinary user that forbid writing are made
 * writable first; rootfs hold such.
 *
 * @throws ArchiveInUseError when there is a mount or something cannot be removed.
 */
export async function removeTree(path: string): Promise<void> {
  const tree = await checkUnmounted(path)
  try {
    await remove(tree)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    await makeWritable(tree)
    await removeOrExplain(tree)
  }
}

/**
 * Checks that nothing is mounted in a directory, nor on it, and that no overlay of ours shows what is in it.
 *
 * @returns its path without symbolic links above it, as mounts are listed.
 * @throws ArchiveInUseError
 */
export async function checkUnmounted(path: string): Promise<string> {
  const absolute = resolve(path)
  const tree = join(await realpath(dirname(absolute)).catch(() => dirname(absolute)), basename(absolute))
  const mounts = readMounts()
  const mounted = mounts.find(({ mountPoint }) => `${mountPoint}/`.startsWith(`${tree}/`))
  if (mounted !== undefined) {
    throw new ArchiveInUseError(
      tree,
      `${mounted.mountPoint} is a mount point: unmount it first; nothing was removed`,
    )
  }
  const overlay = ownOverlays(mounts).find(({ superOptions }) => showsPartOf(tree, superOptions))
  if (overlay === undefined) return tree
  throw new ArchiveInUseError(
    tree,
    `a bundle uses it, by the mount at ${overlay.mountPoint}: remove the bundle first; nothing was removed`,
  )
}

function showsPartOf(tree: string, overlayOptions: readonly string[]): boolean {
  return overlayOptions.some((option) => `${option}/`.startsWith(`lowerdir=${tree}/`))
}

/** fs.rm of Node 20 starts on all entries of a directory at once: a million promises for a million entries. */
async function remove(tree: string): Promise<void> {
  await runTool(['rm', '-rf', '--one-file-system', '--', tree])
}

async function removeOrExplain(tree: string): Promise<void> {
  await remove(tree).catch((cause) => {
    throw new ArchiveInUseError(tree, `it cannot be removed: ${printable(cause.message)}`, { cause })
  })
}

async function makeWritable(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isDirectory() !== true) return
  await chmod(path, stats.mode | 0o700).catch(() => undefined)
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name))
  }
}
