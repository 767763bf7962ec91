import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ArchiveFileError } from './errors.ts'
import { partialName } from './partial-name.ts'

/** A file changed so recently might change again without its times showing it, so its digest is not remembered. */
const settledAfterMs = 2000

const digestPattern = /^sha256:[0-9a-f]{64}$/

/** What tells one content of a file from another without reading it. */
export interface FileState {
  /** Device, inode, size and times. */
  readonly id: string
  /** Whether any further change is sure to show in them. */
  readonly isSettled: boolean
}

/**
 * @param archive name for errors
 * @throws ArchiveFileError when there is no such file or it is no regular file.
 */
export async function fileState(archive: string, path: string): Promise<FileState> {
  const stats = await stat(path, { bigint: true }).catch((cause) => {
    throw new ArchiveFileError(archive, `${path} cannot be read: ${cause.message}`, { cause })
  })
  if (!stats.isFile()) throw new ArchiveFileError(archive, `${path} is not a regular file`)
  const { dev, ino, size, mtimeNs, ctimeNs } = stats
  const changedAt = Number(ctimeNs / 1_000_000n)
  return {
    id: [dev, ino, size, mtimeNs, ctimeNs].join('-'),
    isSettled: Date.now() - changedAt > settledAfterMs,
  }
}

/**
 * The sha256 digest of a file, which for a large one takes as long as unpacking it. It is remembered on disk by the
 * file's state.
 *
 * @param archive name for errors
 * @param memory directory of ours that holds what is remembered
 * @throws ArchiveFileError when the file cannot be read.
 */
export async function fileDigest(
  archive: string,
  path: string,
  state: FileState,
  memory: string,
): Promise<string> {
  const record = join(memory, state.id)
  const remembered = await readFile(record, 'utf8').catch(() => '')
  if (digestPattern.test(remembered)) return remembered
  const digest = await computeDigest(archive, path)
  if (state.isSettled) await remember(memory, record, digest).catch(() => undefined)
  return digest
}

async function computeDigest(archive: string, path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 })) hash.update(chunk)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ArchiveFileError(archive, `${path} cannot be read: ${reason}`, { cause })
  }
  return `sha256:${hash.digest('hex')}`
}

/** Only saves time: that it fails (a full disk, a cleaned directory) is no reason to fail. */
async function remember(memory: string, record: string, digest: string): Promise<void> {
  await mkdir(memory, { recursive: true, mode: 0o700 })
  const partial = join(memory, partialName('digest'))
  await writeFile(partial, digest)
  await rename(partial, record)
}
