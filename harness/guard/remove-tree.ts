import type { Dir } from 'node:fs'
import { chmod, lstat, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import type { Deadline } from './deadline.ts'
import { isErrno } from './errno.ts'
import { isWithin } from './mount-order.ts'

/** Something that could not be removed, and why. */
export interface Obstacle {
  readonly path: string
  readonly reason: string
}

export interface RemoveTreeOptions {
  /** Places where something is mounted: what is mounted there belongs to somebody else and is left as it is. */
  readonly mountPoints: readonly string[]
  readonly deadline: Deadline
}

/** The kernel refuses paths of 4096 bytes (PATH_MAX); a name has at most 255. */
const longestPath = 3800
/** How many files are removed at once, and how many entries of a large directory are in memory. */
const batch = 256
/** A list of everything that could not be removed helps nobody. */
const mostObstacles = 20

/**
 * Removes a file or a directory with all that is in it: never what a symbolic link points to, never what is mounted
 * in it, whatever the depth, the size, the modes and the bytes of the names. Nothing there is fine.
 *
 * @returns what could not be removed; nothing is thrown
 */
export async function removeTree(path: string, options: RemoveTreeOptions): Promise<readonly Obstacle[]> {
  const top = bytesOf(path)
  const removal = new Removal(top, options)
  await removal.remove(top)
  return removal.obstacles
}

// Inside, a path is text of one character a byte (latin1): a name that a container or an archive made need not be
// valid UTF-8, and what was once decoded lossily cannot be named again.
const bytesOf = (path: string) => Buffer.from(path, 'utf8').toString('latin1')
const textOf = (path: string) => Buffer.from(path, 'latin1').toString('utf8')
const nameFor = (path: string) => Buffer.from(path, 'latin1')

class Removal {
  readonly obstacles: Obstacle[] = []
  readonly #top: string
  readonly #mountPoints: ReadonlySet<string>
  readonly #deadline: Deadline
  #moved = 0

  constructor(top: string, { mountPoints, deadline }: RemoveTreeOptions) {
    this.#top = top
    this.#mountPoints = new Set(mountPoints.map(bytesOf))
    this.#deadline = deadline
  }

  async remove(path: string): Promise<void> {
    if (this.#deadline.hasPassed) return this.#report(path, 'there was no time left')
    await this.#attempt(path, async () => {
      if ((await lstat(nameFor(path))).isDirectory()) await this.#removeDirectory(path)
      else await unlink(nameFor(path))
    })
  }

  async #removeDirectory(directory: string): Promise<void> {
    const before = this.obstacles.length
    const inside = await this.#removeFiles(directory)
    for (const name of inside) {
      if (this.obstacles.length >= mostObstacles) return
      await this.remove(await this.#shortened(`${directory}/${name}`))
    }
    // What is left in it has been reported; so need not be that it is not empty.
    if (this.obstacles.length === before) await rmdir(nameFor(directory))
  }

  /** Removes the files of a directory; gives the names of the directories in it. */
  async #removeFiles(directory: string): Promise<string[]> {
    const directories: string[] = []
    let files: string[] = []
    const flush = async () => {
      await Promise.all(files.map((path) => this.#attempt(path, () => unlink(nameFor(path)))))
      files = []
    }
    // The handle is closed when the loop ends, so that the depth of the tree costs no descriptors.
    for await (const entry of await openAnyway(directory)) {
      if (entry.isDirectory()) directories.push(entry.name)
      else files.push(`${directory}/${entry.name}`)
      if (files.length >= batch) await flush()
    }
    await flush()
    return directories
  }

  /** Moves a directory up, right below the top, when paths in it would grow beyond what the kernel takes. */
  async #shortened(path: string): Promise<string> {
    // A mount would move along, and no longer be known by its path.
    if (path.length < longestPath || this.#holdsMount(path)) return path
    this.#moved += 1
    const nearer = `${this.#top}/.moved-up-${this.#moved}`
    await rename(nameFor(path), nameFor(nearer))
    return nearer
  }

  #holdsMount(path: string): boolean {
    return [...this.#mountPoints].some((mountPoint) => isWithin(mountPoint, path))
  }

  async #attempt(path: string, action: () => Promise<void>): Promise<void> {
    if (this.#mountPoints.has(path)) return this.#report(path, 'something is mounted there')
    try {
      await action()
    } catch (error) {
      if (!isErrno(error, 'ENOENT'))
        this.#report(path, error instanceof Error ? error.message : String(error))
    }
  }

  #report(path: string, reason: string): void {
    if (this.obstacles.length < mostObstacles) this.obstacles.push({ path: textOf(path), reason })
  }
}

async function openAnyway(directory: string): Promise<Dir> {
  const options = { bufferSize: batch, encoding: 'latin1' } as const
  try {
    return await opendir(nameFor(directory), options)
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error
  }
  // Not root, and the owner may not enter: the work directory of an overlay has mode 0.
  await chmod(nameFor(directory), 0o700)
  return await opendir(nameFor(directory), options)
}
