import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The topmost directories of a cgroup hierarchy with a matching name.
 *
 * @param mountPoint of the hierarchy; the whole of it is searched, since runtimes place a container's cgroup below the
 * root, below their own or below init's, differently for each controller
 * @param matches told the directory's own name
 */
export function findCgroups(mountPoint: string, matches: (name: string) => boolean): string[] {
  const found: string[] = []
  const open = [mountPoint]
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const name of childrenOf(directory)) {
      const path = join(directory, name)
      if (matches(name)) found.push(path)
      else open.push(path)
    }
  }
  return found
}

/** A cgroup directory and all below it, parents before their children. */
export function cgroupTree(path: string): string[] {
  const tree = [path]
  // The array grows while it is walked.
  for (const directory of tree) tree.push(...childrenOf(directory).map((name) => join(directory, name)))
  return tree
}

function childrenOf(directory: string): string[] {
  try {
    // Two links and one for each child: most cgroups have none and fifty files, which need not be read.
    if (lstatSync(directory).nlink === 2) return []
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return [] // removed meanwhile
  }
}
