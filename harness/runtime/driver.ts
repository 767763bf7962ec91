import { readdirSync } from 'node:fs'
import type { Terminal } from '../host/index.ts'
import type { Commands } from './commands.ts'
import type { ContainerIds } from './container-id.ts'
import type { Output } from './output.ts'
import type { OwnDirectories, OwnDirectory } from './own-directories.ts'

/** The files of one process of a container. */
interface Belongings {
  readonly directory: string
  readonly outputs: readonly Output[]
  readonly console: Terminal | undefined
}

/** What the verbs of one `Runtime` share. */
export class Driver {
  readonly commands: Commands
  readonly directories: OwnDirectories
  /** Where the runtime keeps its containers' state. */
  readonly root: string
  readonly #ids: ContainerIds
  /** What goes with each container. */
  readonly #belongings = new Map<string, Belongings[]>()

  constructor(commands: Commands, directories: OwnDirectories, root: string, ids: ContainerIds) {
    this.commands = commands
    this.directories = directories
    this.root = root
    this.#ids = ids
  }

  /** Takes a container into the records, before anything of it exists. @throws InvalidContainerIdError */
  claim(id: string | undefined): OwnDirectory & { readonly id: string } {
    if (id === undefined) return this.directories.claimNext(() => this.#ids.next())
    return { id, ...this.directories.claim(id) }
  }

  /** Has outputs read for the last time, and their directory removed, before their container is forgotten. */
  keepWithContainer(id: string, belongings: Belongings): void {
    const known = this.#belongings.get(id)
    if (known === undefined) this.#belongings.set(id, [belongings])
    else known.push(belongings)
  }

  /** Closes the terminals of a container that is removed: whoever wanted to read them to their ends had the time. */
  closeConsoles(id: string): void {
    for (const { console } of this.#belongings.get(id) ?? []) console?.close()
  }

  /** Takes a container that no longer exists out of the records. */
  forget(id: string): void {
    for (const { outputs, directory } of this.#belongings.get(id) ?? []) {
      for (const output of outputs) output.keep()
      this.directories.remove(directory)
    }
    this.#belongings.delete(id)
    this.directories.remove(this.directories.of(id))
  }

  /**
   * Whether the runtime may still hold something of a container: its state directory has an entry named after it.
   * A look, instead of two commands, after each of the many creates that fail as they should.
   */
  mayHold(id: string): boolean {
    try {
      return readdirSync(this.root).some((name) => isAbout(id, name))
    } catch {
      return false // no state at all
    }
  }
}

/** Runtimes name their entries by the id alone, or by the id and a suffix such as `_sandbox:…` (runsc). */
function isAbout(id: string, name: string): boolean {
  return name.startsWith(id) && !/^[A-Za-z0-9-]/.test(name.slice(id.length))
}
