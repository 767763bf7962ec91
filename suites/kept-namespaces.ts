import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The namespaces of a process, which stay until this is disposed of. */
export class KeptNamespaces implements AsyncDisposable {
  readonly #files: readonly FileHandle[]

  private constructor(files: readonly FileHandle[]) {
    this.#files = files
  }

  /**
   * Keeps the namespaces that a process is in now, also beyond its end: the kernel gives the number of a namespace that
   * is gone to the next one, so that only numbers of namespaces that are there can be compared. An open file of
   * /proc/PID/ns holds its namespace (namespaces(7)).
   */
  static async of(pid: number): Promise<KeptNamespaces> {
    const directory = join('/proc', String(pid), 'ns')
    const files: FileHandle[] = []
    for (const name of await readdir(directory)) files.push(await open(join(directory, name)))
    return new KeptNamespaces(files)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) await file.close()
  }
}
