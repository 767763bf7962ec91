import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ensurePrivateDirectory } from '../host/index.ts'
import { checkContainerId } from './container-id.ts'
import { hasCode } from './error-code.ts'

/** Holds the short-lived files of single commands. No container id begins with a dot. */
const commandDirectory = '.commands'

/** A directory of the harness's own for one container, or for one attempt at one. */
export interface OwnDirectory {
  readonly path: string
  /** Whether the id was free in the harness's records, so that what goes by it now is the caller's. */
  readonly isFirst: boolean
}

/**
 * The files that the harness keeps about containers: pid files, captured output, process files. One directory per
 * container id, made before the runtime is asked to create the container and removed after it was deleted: the
 * directories are at the same time the record of what may exist. Nothing here lies in the runtime's own state.
 *
 * All calls are synchronous: on the file systems meant for this they take microseconds, less than a turn through
 * Node's thread pool, and the record is complete before the runtime starts.
 */
export class OwnDirectories {
  readonly path: string
  readonly #token = randomBytes(4).toString('hex')
  readonly #removals = new Set<Promise<void>>()
  #isMade = false
  #lastFile = 0

  constructor(path: string) {
    this.path = resolve(path)
  }

  /**
   * Takes an id into the records.
   *
   * @throws InvalidContainerIdError; UnsafeDirectoryError
   */
  claim(id: string): OwnDirectory {
    checkContainerId(id)
    this.#make()
    const path = join(this.path, id)
    if (tryMakeDirectory(path)) return { path, isFirst: true }
    return { path: this.#inside(path), isFirst: false }
  }

  /** Takes the next free one of many ids into the records, also beside other processes that do the same. */
  claimNext(next: () => string): OwnDirectory & { readonly id: string } {
    this.#make()
    for (;;) {
      const id = next()
      const path = join(this.path, id)
      if (tryMakeDirectory(path)) return { id, path, isFirst: true }
    }
  }

  /** A directory for one process executed in a container; with the container's, where there is one. */
  forProcess(id: string): string {
    checkContainerId(id)
    this.#make()
    const container = join(this.path, id)
    try {
      return this.#inside(container)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      return this.#inside(join(this.path, commandDirectory)) // a container that others created
    }
  }

  /** Where the container's directory is, or would be. */
  of(id: string): string {
    checkContainerId(id)
    return join(this.path, id)
  }

  /** A path of its own for a short-lived file of one command. */
  commandFile(kind: string): string {
    this.#make()
    return join(this.path, commandDirectory, `${this.#nextName()}.${kind}`)
  }

  /**
   * Takes a directory out of the records. Its files go meanwhile: on a disk each takes tenths of a millisecond, and a
   * container's are five.
   */
  remove(path: string): void {
    const aside = this.commandFile('gone')
    if (!moved(path, aside)) return
    const removal = rm(aside, { recursive: true, force: true })
      .catch(() => undefined) // it goes with this directory
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  /** Waits until the files of all that was removed are gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals)
  }

  #inside(parent: string): string {
    const path = join(parent, this.#nextName())
    mkdirSync(path, { mode: 0o700 })
    return path
  }

  #nextName(): string {
    this.#lastFile += 1
    return `${this.#token}-${this.#lastFile}`
  }

  #make(): void {
    if (this.#isMade) return
    ensurePrivateDirectory(this.path)
    tryMakeDirectory(join(this.path, commandDirectory))
    this.#isMade = true
  }
}

/**
 * The ids of the containers that drivers with this directory may have left: taken into the records, not deleted yet.
 *
 * @param directory as given to `Runtime`; need not exist
 */
export function recordedContainers(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name !== commandDirectory)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** @returns whether there was anything to move */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** @returns whether the directory is new */
function tryMakeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}
