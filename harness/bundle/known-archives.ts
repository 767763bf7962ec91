import { statSync } from 'node:fs'
import type { Archive } from '../archive/index.ts'
import type { BundleArchives } from './bundle.ts'

interface KnownArchive {
  readonly archive: Archive
  readonly file: string
}

/**
 * Archives by name, each asked for once and again when its file has changed: to find an archive can mean to read it, or
 * what it is built from, and every definition of a bundle asks.
 */
export class KnownArchives {
  readonly #archives: BundleArchives
  readonly #known = new Map<string, KnownArchive>()

  constructor(archives: BundleArchives) {
    this.#archives = archives
  }

  /** @throws what the archives throw. */
  async resolve(name: string): Promise<Archive> {
    const known = this.#known.get(name)
    if (known !== undefined && known.file === identityOf(known.archive.path)) return known.archive
    const archive = await this.#archives.resolve(name)
    const file = identityOf(archive.path)
    if (file !== undefined) this.#known.set(name, { archive, file })
    return archive
  }
}

/** Tells one content of a file from another as far as that can be done without reading it. */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
}
