import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ArchiveImageError } from '../errors.ts'
import type { ArchiveLimits } from '../limits.ts'
import { plainBytes } from '../plain-bytes.ts'
import { padded } from '../tar/entry.ts'
import { LimitMeter } from '../tar/judge.ts'
import { TarReader } from '../tar/reader.ts'
import { encodeEntry, encodeExtendedHeader, endOfArchive } from '../tar/writer.ts'
import type { Image, Layer } from './image.ts'
import { judgedChunks } from './judged-chunks.ts'
import { type LayerEntry, LayerTree, type TreeEntry } from './layer-tree.ts'

/** Raised whenever the same layers would give other bytes. */
export const flattenVersion = 1

export interface FlattenOptions {
  readonly archive: string
  readonly limits: ArchiveLimits
  /** A directory of the caller's for the decompressed layers; the caller removes it. */
  readonly workDirectory: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes the root file system of an image as one tar archive, without unpacking anything: entries are copied as the
 * layers have them, so nothing is lost whoever does it, and the same layers always give the same bytes.
 *
 * @param target path of the archive to write; must not exist
 * @throws ArchiveImageError when a layer has another digest than the image says; ArchiveCorruptError,
 * ArchiveRefusedError, ArchiveLimitError for what is in a layer.
 */
export async function flattenImage(
  { layers }: Image,
  target: string,
  options: FlattenOptions,
): Promise<void> {
  const meter = new LimitMeter(options.archive, options.limits)
  const tree = new LayerTree(options.archive)
  for (const [position, layer] of layers.entries()) {
    tree.apply(await spoolLayer(layer, position, meter, options))
  }
  const files: FileHandle[] = []
  try {
    for (const position of layers.keys()) files.push(await open(layerPath(options, position), 'r'))
    const flattened = new FlattenedBytes(options, files)
    await pipeline(flattened.of(tree.entries()), createWriteStream(target, { flags: 'wx', mode: 0o600 }), {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
  } finally {
    await Promise.all(files.map(async (file) => await file.close()))
  }
}

function layerPath({ workDirectory }: FlattenOptions, position: number): string {
  return join(workDirectory, `layer-${position}.tar`)
}

/** Decompresses a layer to a file and verifies it. */
async function spoolLayer(
  layer: Layer,
  position: number,
  meter: LimitMeter,
  options: FlattenOptions,
): Promise<LayerEntry[]> {
  const { archive, limits, signal } = options
  const entries: LayerEntry[] = []
  const stored = createHash(algorithmOf(layer.digest ?? layer.diffId))
  const plain = createHash(algorithmOf(layer.diffId))
  const bytes = plainBytes(layer.source, { archive, signal, onStored: (chunk) => void stored.update(chunk) })
  const judged = judgedChunks(bytes, {
    archive,
    limits,
    meter,
    // The digest shows whether anything is missing.
    mayEndEarly: true,
    onEntry: (entry, parts) => void entries.push({ entry, parts, layer: position }),
  })
  await pipeline(hashed(judged, plain), createWriteStream(layerPath(options, position), { mode: 0o600 }))
  const place = `layer ${position + 1} of the image`
  checkDigest(archive, place, layer.diffId, plain.digest('hex'))
  if (layer.digest !== undefined)
    checkDigest(archive, `${place} as stored`, layer.digest, stored.digest('hex'))
  return entries
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: { update(chunk: Buffer): unknown },
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

function algorithmOf(digest: string): string {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

function checkDigest(archive: string, place: string, expected: string, hex: string): void {
  if (expected.endsWith(`:${hex}`)) return
  throw new ArchiveImageError(
    archive,
    `${place} does not have the digest ${expected}: it is damaged, save it again`,
  )
}

/** The bytes of the archive, a piece at a time. */
class FlattenedBytes {
  readonly #options: FlattenOptions
  readonly #files: readonly FileHandle[]

  constructor(options: FlattenOptions, files: readonly FileHandle[]) {
    this.#options = options
    this.#files = files
  }

  async *of(entries: Iterable<TreeEntry>): AsyncGenerator<Buffer, void, undefined> {
    for (const entry of entries) {
      if (entry.kind === 'entry') yield* this.#copy(entry.path, entry.content)
      else yield this.#made(entry)
    }
    yield endOfArchive
  }

  #made(entry: Exclude<TreeEntry, { kind: 'entry' }>): Buffer {
    if (entry.kind === 'implied-directory') {
      return encodeEntry({ kind: 'directory', name: `./${entry.path}`, mode: 0o755, mtime: 0 })
    }
    return encodeEntry({ kind: 'hard-link', name: entry.path, linkName: entry.target, mode: 0o644, mtime: 0 })
  }

  async *#copy(path: string, { entry, parts, layer }: LayerEntry): AsyncGenerator<Buffer, void, undefined> {
    const { offset, headerBytes, contentBytes } = entry
    const headers = await this.#read(layer, offset, headerBytes)
    yield parts.join('/') === path ? headers : this.#renamed(headers, entry.extendedBytes, path)
    const end = offset + headerBytes + padded(contentBytes)
    for (let at = offset + headerBytes; at < end; at += pieceBytes) {
      yield await this.#read(layer, at, Math.min(pieceBytes, end - at))
    }
  }

  /** The same entry under the name that it has once links above it are followed. */
  #renamed(headers: Buffer, extendedBytes: number, path: string): Buffer {
    const { archive, limits } = this.#options
    const [piece] = new TarReader({ archive, limits }).read(headers)
    if (piece?.kind !== 'entry') return headers
    const records = new Map([...piece.pax, ['path', path]])
    if (records.has('GNU.sparse.name')) records.set('GNU.sparse.name', path)
    if (piece.entry.linkName !== '') records.set('linkpath', piece.entry.linkName)
    return Buffer.concat([encodeExtendedHeader(records), headers.subarray(extendedBytes)])
  }

  async #read(layer: number, offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length)
    await this.#files[layer]?.read(buffer, 0, length, offset)
    return buffer
  }
}

const pieceBytes = 1024 ** 2
