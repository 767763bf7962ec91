import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ArchiveCorruptError, ArchiveFileError } from './errors.ts'
import { type RunningProgram, startProgram } from './programs.ts'

/** Where the bytes of an archive or of an image's layer lie. */
export interface ByteSource {
  readonly path: string
  /** First byte in the file; the beginning without it. */
  readonly offset?: number
  /** Number of bytes; all that follow without it. */
  readonly length?: number
}

export interface PlainBytesOptions {
  /** Name of the archive for errors. */
  readonly archive: string
  /** Is given every byte of the file as it is stored, for its digest. */
  readonly onStored?: (chunk: Buffer) => void
  readonly signal?: AbortSignal | undefined
}

interface Compression {
  readonly magic: Buffer
  readonly decompressor: readonly [string, ...string[]]
}

const chunkBytes = 512 * 1024

/** xz may ask for as much memory as it likes; no preset of its own asks for more than 65 MiB to decompress. */
const compressions: readonly Compression[] = [
  { magic: Buffer.from('1f8b', 'hex'), decompressor: ['gzip', '-dc'] },
  { magic: Buffer.from('28b52ffd', 'hex'), decompressor: ['zstd', '-dcq', '--memory=512MB'] },
  { magic: Buffer.from('fd377a585a00', 'hex'), decompressor: ['xz', '-dcq', '--memlimit-decompress=512MiB'] },
  { magic: Buffer.from('425a68', 'hex'), decompressor: ['bzip2', '-dcq'] },
]

/**
 * The bytes of a file, decompressed when its first bytes say that it is compressed (gzip, zstd, xz, bzip2), in chunks
 * as they are asked for. Whoever stops asking stops the decompressor.
 *
 * @throws ArchiveFileError when the file cannot be read; ArchiveCorruptError when its compression is damaged or cut
 * off; ArchiveToolError when the decompressor is not installed.
 */
export async function* plainBytes(
  source: ByteSource,
  options: PlainBytesOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { archive, onStored, signal } = options
  const compression = await compressionOf(source, archive)
  const stored = storedBytes(source, archive, onStored)
  if (compression === undefined) yield* untilAborted(stored, signal)
  else yield* untilAborted(decompressed(stored, compression.decompressor, options), signal)
}

/** @throws ArchiveFileError when the file cannot be read. */
export async function isCompressed(source: ByteSource, archive: string): Promise<boolean> {
  return (await compressionOf(source, archive)) !== undefined
}

async function compressionOf(source: ByteSource, archive: string): Promise<Compression | undefined> {
  const start = await readStart(source, archive)
  return compressions.find(({ magic }) => start.subarray(0, magic.length).equals(magic))
}

async function* untilAborted(
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    yield chunk
  }
}

/** The longest magic number is of 6 bytes. */
async function readStart({ path, offset = 0 }: ByteSource, archive: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, offset)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw unreadable(archive, path, cause)
  }
}

async function* storedBytes(
  { path, offset = 0, length }: ByteSource,
  archive: string,
  onStored: ((chunk: Buffer) => void) | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  if (length === 0) return
  const end = length === undefined ? Number.POSITIVE_INFINITY : offset + length - 1
  const stream = createReadStream(path, { start: offset, end, highWaterMark: chunkBytes })
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue
      onStored?.(chunk)
      yield chunk
    }
  } catch (cause) {
    throw unreadable(archive, path, cause)
  }
}

function unreadable(archive: string, path: string, cause: unknown): ArchiveFileError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ArchiveFileError(archive, `${path} cannot be read: ${reason}`, { cause })
}

async function* decompressed(
  stored: AsyncIterable<Buffer>,
  command: readonly [string, ...string[]],
  { archive, signal }: PlainBytesOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const program = await startProgram(command, { archive })
  signal?.addEventListener('abort', program.kill)
  // It may have fired while the program was being started.
  if (signal?.aborted === true) program.kill()
  const fed = feed(stored, program.stdin)
  try {
    for await (const chunk of program.stdout) {
      if (Buffer.isBuffer(chunk)) yield chunk
    }
    await checkEnd(program, fed, command[0], archive)
  } finally {
    signal?.removeEventListener('abort', program.kill)
    program.kill()
    program.stdout.destroy()
    await Promise.all([fed, program.ended])
  }
}

/** Hands all bytes to a program. Resolves with what reading them threw; that the program stopped reading is no error. */
async function feed(stored: AsyncIterable<Buffer>, stdin: Writable): Promise<unknown> {
  let failure: unknown
  const watched = async function* () {
    try {
      yield* stored
    } catch (error) {
      failure = error
      throw error
    }
  }
  await pipeline(watched, stdin).catch(() => undefined)
  return failure
}

async function checkEnd(
  program: RunningProgram,
  fed: Promise<unknown>,
  name: string,
  archive: string,
): Promise<void> {
  const { exitCode, complaints } = await program.ended
  const failure = await fed
  if (failure !== undefined) throw failure
  if (exitCode === 0) return
  const said = complaints.trim() === '' ? '' : `: ${complaints.trim()}`
  throw new ArchiveCorruptError(
    archive,
    `cut off or damaged, ${name} could not decompress it${said}; nothing of it was kept`,
  )
}
