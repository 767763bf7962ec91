import { chmod, lstat, rename } from 'node:fs/promises'

/**
 * Renames a directory to another parent, where nothing of that name may exist. Moving changes the entry `..` inside
 * it, for which an ordinary user needs to be allowed to write to it: rootfs directories often are 0555.
 */
export async function moveDirectory(from: string, to: string): Promise<void> {
  const { mode } = await lstat(from)
  const isWritable = (mode & 0o200) !== 0 || process.geteuid?.() === 0
  if (!isWritable) await chmod(from, (mode & 0o7777) | 0o200)
  await rename(from, to)
  if (!isWritable) await chmod(to, mode & 0o7777)
}
