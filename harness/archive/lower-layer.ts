import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { hasAttributes } from '../host/index.ts'

const slash = Buffer.from('/')

/**
 * Whether an overlay with a tree as its lower layer shows just what is in the tree. It does not where it takes something
 * for a mark of its own: a device with the number 0:0 for a file that was removed, attributes of a directory for a
 * directory that was replaced or renamed. Any attribute of a directory counts, since there are hardly ever any.
 */
export async function isPlainLayer(root: string): Promise<boolean> {
  const directories = [Buffer.from(root)]
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    if (hasAttributes(directory)) return false
    for (const entry of await readdir(directory, { withFileTypes: true, encoding: 'buffer' })) {
      const path = Buffer.concat([directory, slash, entry.name])
      if (entry.isDirectory()) directories.push(path)
      else if (await isRemovalMark(entry, path)) return false
    }
  }
  return true
}

async function isRemovalMark(entry: Dirent<Buffer>, path: Buffer): Promise<boolean> {
  return entry.isCharacterDevice() && (await lstat(path)).rdev === 0
}
