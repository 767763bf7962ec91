import type { ArchiveLimits } from '../limits.ts'
import type { TarEntry } from '../tar/entry.ts'
import { entryPath, LimitMeter } from '../tar/judge.ts'
import { TarReader } from '../tar/reader.ts'

export interface JudgedChunksOptions {
  readonly archive: string
  readonly limits: ArchiveLimits
  /** Counts on where several archives are parts of one image. */
  readonly meter?: LimitMeter
  /** See `TarReaderOptions`. */
  readonly mayEndEarly?: boolean
  /** Is told of each entry, with its name as `entryPath` gives it. */
  readonly onEntry: (entry: TarEntry, parts: readonly string[]) => void
}

/**
 * Passes the chunks of a tar archive on, each after the entries in it were found to be within the limits and to have
 * names that do not lead out of where they belong.
 *
 * @throws ArchiveCorruptError, ArchiveRefusedError, ArchiveLimitError
 */
export async function* judgedChunks(
  chunks: AsyncIterable<Buffer>,
  {
    archive,
    limits,
    meter = new LimitMeter(archive, limits),
    mayEndEarly = false,
    onEntry,
  }: JudgedChunksOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = new TarReader({ archive, limits, mayEndEarly })
  for await (const chunk of chunks) {
    for (const piece of reader.read(chunk)) {
      if (piece.kind !== 'entry') continue
      const parts = entryPath(archive, piece.entry)
      meter.add(piece.entry, parts)
      onEntry(piece.entry, parts)
    }
    yield chunk
  }
  reader.end()
}
