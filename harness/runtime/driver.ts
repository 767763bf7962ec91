import { readdirSync } from 'node:fs'
import type { Commands } from './commands.ts'
import type { ContainerIds } from './container-id.ts'
import type { Output } from './output.ts'
import type { OwnDirectories, OwnDirectory } from './own-directories.ts'

/** What the verbs of one `Runtime` share. */
export class Driver {
  readonly commands: Commands
  readonly directories: OwnDirectories
  /** Where the runtime keeps its containers' state. */
  readonly root: string
  readonly #ids: ContainerIds
  /** Outputs whose files go with their container. */
  readonly #outputs = new Map<string, Set<Output>>()

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

  /** Has these outputs read for the last time before their container's files are removed. */
  keepWithContainer(id: string, ...outputs: readonly Output[]): void {
    const known = this.#outputs.get(id)
    if (known === undefined) this.#outputs.set(id, new Set(outputs))
    else for (const output of outputs) known.add(output)
  }

  /** Takes a container that no longer exists out of the records. */
  forget(id: string): void {
    for (const output of this.#outputs.get(id) ?? []) output.keep()
    this.#outputs.delete(id)
    this.directories.remove(this.directories.of(id))
  }

  /**
   * Whether the runtime may still hold something of a container: its state directory has an entry that bears the id.
   * A look, instead of two commands, after each of the many creates that fail as they should.
   */
  mayHold(id: string): boolean {
    try {
      return readdirSync(this.root).some((name) => name.includes(id))
    } catch {
      return false // no state at all
    }
  }
}
