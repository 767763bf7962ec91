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
  const open = directoryAt(mountPoint)
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const child of childrenOf(directory)) {
      if (matches(child.name)) found.push(child.path)
      else open.push(child)
    }
  }
  return found
}

/** A cgroup directory and all below it, parents before their children. */
export function cgroupTree(path: string): string[] {
  const tree = directoryAt(path)
  // The array grows while it is walked.
  for (const directory of tree) tree.push(...childrenOf(directory))
  return [path, ...tree.slice(1).map((directory) => directory.path)]
}

interface Directory {
  readonly name: string
  readonly path: string
  /** Two, and one for each child. */
  readonly links: number
}

/** The directory of this path, in a list; none where there is no directory. */
function directoryAt(path: string, name = ''): Directory[] {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats?.isDirectory() === true ? [{ name, path, links: stats.nlink }] : []
  } catch {
    return [] // this user may not look
  }
}

/** The names of children that were read before, by their parent's path. */
const readNames = new Map<string, readonly string[]>()

/**
 * The directories in a directory. It is looked into after every test, and reading it means reading the names of fifty
 * files: so it is read only where it is not certain that its children are those of the last time. They are where all of
 * them are there and the parent has no more.
 */
function childrenOf({ path, links }: Directory): readonly Directory[] {
  if (links === 2) return []
  const expected = directoriesIn(path, readNames.get(path) ?? [])
  if (expected.length === links - 2) return expected
  const names = namesIn(path)
  readNames.set(path, names)
  return directoriesIn(path, names)
}

function directoriesIn(parent: string, names: readonly string[]): readonly Directory[] {
  return names.flatMap((name) => directoryAt(join(parent, name), name))
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return [] // removed meanwhile
  }
}
