import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type GenericSchema, type InferOutput, safeParse } from 'valibot'
import { displayName, printable } from '../entry-name.ts'
import { ArchiveImageError } from '../errors.ts'
import type { ArchiveLimits } from '../limits.ts'
import { type ByteSource, isCompressed, plainBytes } from '../plain-bytes.ts'
import type { TarEntry } from '../tar/entry.ts'
import type { Descriptor } from './documents.ts'
import { judgedChunks } from './judged-chunks.ts'

/** No index, manifest or configuration of an image comes near it. */
const longestDocument = 16 * 1024 ** 2

/** The files of an image, in a directory or in a tar archive. */
export abstract class ImageFiles {
  /** Name of the archive for errors. */
  protected readonly archive: string

  constructor(archive: string) {
    this.archive = archive
  }

  /**
   * Where a file's bytes lie; undefined when the image has no such file.
   *
   * @param name relative path
   */
  abstract find(name: string): Promise<Required<ByteSource> | undefined>

  /** @throws ArchiveImageError when the image has no such file. */
  async locate(name: string): Promise<Required<ByteSource>> {
    const found = await this.find(name)
    if (found !== undefined) return found
    throw new ArchiveImageError(this.archive, `the image lacks ${displayName(name)}: save it again, complete`)
  }

  /** @throws ArchiveImageError when it is missing or of another size. */
  async locateBlob({ digest, size }: Descriptor): Promise<Required<ByteSource>> {
    const source = await this.locate(blobName(digest))
    if (source.length === size) return source
    throw new ArchiveImageError(
      this.archive,
      `blob ${digest} has ${source.length} bytes and not ${size}: save it again`,
    )
  }

  /**
   * Reads a JSON file, and verifies its digest where that is known.
   *
   * @throws ArchiveImageError when it is missing, not what the schema asks for or has another digest.
   */
  async readDocument<Schema extends GenericSchema>(
    name: string,
    schema: Schema,
    digest?: string,
  ): Promise<InferOutput<Schema>> {
    const content = await this.#readAll(name, await this.locate(name))
    if (digest !== undefined) this.#verify(content, digest, name)
    return this.#parse(content, name, schema)
  }

  /** Reads a JSON blob and verifies its size and digest. */
  async readBlob<Schema extends GenericSchema>(
    blob: Descriptor,
    schema: Schema,
  ): Promise<InferOutput<Schema>> {
    await this.locateBlob(blob)
    return await this.readDocument(blobName(blob.digest), schema, blob.digest)
  }

  #verify(content: Buffer, digest: string, name: string): void {
    const [algorithm = '', expected] = digest.split(':')
    if (createHash(algorithm).update(content).digest('hex') === expected) return
    throw new ArchiveImageError(
      this.archive,
      `${displayName(name)} does not have the digest ${digest}: save it again`,
    )
  }

  async #readAll(name: string, { path, offset, length }: Required<ByteSource>): Promise<Buffer> {
    if (length > longestDocument) {
      throw new ArchiveImageError(
        this.archive,
        `${displayName(name)} has ${length} bytes, more than ${longestDocument}`,
      )
    }
    const file = await open(path, 'r')
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  #parse<Schema extends GenericSchema>(content: Buffer, name: string, schema: Schema): InferOutput<Schema> {
    const { success, output, issues } = safeParse(schema, this.#json(content, name))
    if (success) return output
    const reason = printable(issues[0]?.message ?? '')
    throw new ArchiveImageError(
      this.archive,
      `${displayName(name)} is not what an image has there: ${reason}`,
    )
  }

  #json(content: Buffer, name: string): unknown {
    try {
      return JSON.parse(content.toString('utf8'))
    } catch (cause) {
      throw new ArchiveImageError(this.archive, `${displayName(name)} is no JSON`, { cause })
    }
  }
}

/** The digest was checked against its pattern when its descriptor was read: this is no path to elsewhere. */
function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

class DirectoryFiles extends ImageFiles {
  readonly #directory: string

  constructor(archive: string, directory: string) {
    super(archive)
    this.#directory = directory
  }

  override async find(name: string): Promise<Required<ByteSource> | undefined> {
    const path = join(this.#directory, name)
    const stats = await stat(path).catch(() => undefined)
    return stats?.isFile() === true ? { path, offset: 0, length: stats.size } : undefined
  }
}

class TarFiles extends ImageFiles {
  readonly #path: string
  readonly #entries: ReadonlyMap<string, TarEntry>

  constructor(archive: string, path: string, entries: ReadonlyMap<string, TarEntry>) {
    super(archive)
    this.#path = path
    this.#entries = entries
  }

  override async find(name: string): Promise<Required<ByteSource> | undefined> {
    const entry = this.#entries.get(this.#target(name))
    if (entry?.kind !== 'file') return await Promise.resolve(undefined)
    return { path: this.#path, offset: entry.offset + entry.headerBytes, length: entry.contentBytes }
  }

  /** Docker stored a layer that several images share once, and links to it (`../ID/layer.tar`). */
  #target(name: string): string {
    const entry = this.#entries.get(name)
    if (entry?.kind === 'hard-link') return join('/', entry.linkName).slice(1)
    if (entry?.kind === 'symbolic-link') return join('/', name, '..', entry.linkName).slice(1)
    return name
  }
}

export interface OpenImageOptions {
  readonly archive: string
  readonly limits: ArchiveLimits
  /** A directory of the caller's, for a copy of a compressed image. */
  readonly workDirectory: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens an image: a directory, or a tar archive of one (compressed or not).
 *
 * @throws ArchiveFileError, ArchiveCorruptError, ArchiveRefusedError, ArchiveLimitError
 */
export async function openImage(path: string, options: OpenImageOptions): Promise<ImageFiles> {
  const { archive, limits, workDirectory, signal } = options
  const stats = await stat(path).catch((cause) => {
    throw new ArchiveImageError(archive, `${path} cannot be read: ${cause.message}`, { cause })
  })
  if (stats.isDirectory()) return new DirectoryFiles(archive, path)
  if (!stats.isFile()) throw new ArchiveImageError(archive, `${path} is neither a directory nor a file`)
  const entries = new Map<string, TarEntry>()
  const chunks = judgedChunks(plainBytes({ path }, { archive, signal }), {
    archive,
    limits,
    onEntry: (entry, parts) => void entries.set(parts.join('/'), entry),
  })
  const plain = (await isCompressed({ path }, archive)) ? join(workDirectory, 'image.tar') : undefined
  await pipeline(chunks, plain === undefined ? new Sink() : createWriteStream(plain))
  return new TarFiles(archive, plain ?? path, entries)
}

/** Takes what nobody needs a second time. */
class Sink extends Writable {
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
  }
}
