import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { printable } from './entry-name.ts'
import {
  ArchiveChangedError,
  ArchiveDestinationError,
  ArchiveFileError,
  ArchiveStoppedError,
  ArchiveUnpackError,
} from './errors.ts'
import { type ArchiveLimits, defaultArchiveLimits } from './limits.ts'
import { type Loss, LossCollector } from './losses.ts'
import { moveDirectory } from './move-directory.ts'
import { plainBytes } from './plain-bytes.ts'
import { currentPrivilege, type UnpackPrivilege } from './privilege.ts'
import { gnuTar, type RunningProgram, startProgram } from './programs.ts'
import { removeTree } from './remove-tree.ts'
import type { TarEntry } from './tar/entry.ts'
import { EntryJudge } from './tar/judge.ts'
import { TarReader } from './tar/reader.ts'
import { Transcript } from './tar/transcript.ts'

export interface UnpackOptions {
  /** Name of the archive for errors; its path without one. */
  readonly name?: string
  /** `sha256:<hex>` that the file must have. */
  readonly digest?: string
  readonly limits?: Partial<ArchiveLimits>
  /** What this process may do; found out without it. */
  readonly privilege?: UnpackPrivilege
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** What was unpacked, and what of the archive could not be kept. */
export interface UnpackReport {
  /** `sha256:<hex>` of the archive's file, taken while it was read. */
  readonly digest: string
  readonly entries: number
  readonly contentBytes: number
  readonly losses: readonly Loss[]
  /** False when this user may not read all of what was unpacked, so that only the archive gives an exact copy. */
  readonly isReadable: boolean
}

/**
 * Unpacks an archive (tar; gzip, zstd, xz, bzip2) to a directory that it makes: modes, owners, times, links, devices,
 * FIFOs, sparse files and extended attributes as the archive has them.
 *
 * The archive is read once. Every entry is judged before GNU tar is given a byte of it; GNU tar works in a fresh
 * directory that nobody else can enter; what it says it unpacked must be what was judged; and only a complete rootfs
 * is renamed to `destination`. On any error nothing is left.
 *
 * @param destination must not exist; its parent must, on the file system that the rootfs is for.
 * @throws ArchiveRefusedError, ArchiveLimitError for what the archive asks; ArchiveCorruptError, ArchiveChangedError,
 * ArchiveFileError for what it is; ArchiveDestinationError, ArchiveUnpackError, ArchiveToolError, ArchiveStoppedError.
 */
export async function unpackArchive(
  path: string,
  destination: string,
  options: UnpackOptions = {},
): Promise<UnpackReport> {
  const archive = options.name ?? path
  const target = resolve(destination)
  const staging = await makeStaging(archive, target)
  try {
    const rootfs = join(staging, 'rootfs')
    const report = await unpackInto(path, rootfs, options)
    await moveDirectory(rootfs, target).catch((cause) => {
      throw new ArchiveDestinationError(archive, `the rootfs cannot be put at ${target}: ${cause.message}`, {
        cause,
      })
    })
    await rmdir(staging)
    return report
  } catch (error) {
    await removeTree(staging)
    throw error
  }
}

async function makeStaging(archive: string, target: string): Promise<string> {
  if ((await lstat(target).catch(() => undefined)) !== undefined) {
    throw new ArchiveDestinationError(
      archive,
      `${target} exists already: remove it or choose another destination`,
    )
  }
  try {
    return await mkdtemp(join(dirname(target), `.${basename(target).slice(0, 100)}.unpacking-`))
  } catch (cause) {
    throw new ArchiveDestinationError(archive, `${dirname(target)} cannot hold the rootfs: make it first`, {
      cause,
    })
  }
}

/** As `unpackArchive`, into a directory that the caller keeps private and removes when this fails. */
export async function unpackInto(
  path: string,
  rootfs: string,
  options: UnpackOptions,
): Promise<UnpackReport> {
  const archive = options.name ?? path
  const signal = stopSignal(options)
  await checkRegularFile(archive, path)
  // The directory GNU tar starts with counts as listed by the archive: 0755 whatever the umask.
  await mkdir(rootfs)
  await chmod(rootfs, 0o755)
  const unpacking = new Unpacking(archive, options)
  try {
    signal?.throwIfAborted()
    return await unpacking.run(path, rootfs, signal)
  } catch (cause) {
    if (signal?.aborted !== true) throw cause
    const why = signal.reason instanceof Error ? signal.reason.message : String(signal.reason)
    throw new ArchiveStoppedError(archive, `unpacking was stopped: ${why}`, { cause: signal.reason })
  }
}

function stopSignal({ signal, timeoutMs }: UnpackOptions): AbortSignal | undefined {
  const signals = [
    ...(signal === undefined ? [] : [signal]),
    ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)]),
  ]
  return signals.length === 0 ? undefined : AbortSignal.any(signals)
}

/** Opening a FIFO would wait for a writer, and reading a device might never end. */
async function checkRegularFile(archive: string, path: string): Promise<void> {
  const stats = await stat(path).catch((cause) => {
    throw new ArchiveFileError(archive, `${path} cannot be read: ${cause.message}`, { cause })
  })
  if (!stats.isFile()) throw new ArchiveFileError(archive, `${path} is not a regular file`)
}

/** One archive on its way through judge and GNU tar. */
class Unpacking {
  readonly #archive: string
  readonly #expectedDigest: string | undefined
  readonly #privilege: UnpackPrivilege
  readonly #reader: TarReader
  readonly #judge: EntryJudge
  readonly #losses: LossCollector
  readonly #transcript = new Transcript()
  readonly #hash = createHash('sha256')
  #isReadable = true
  #isLeftOut = false
  #written = Promise.resolve(true)

  constructor(archive: string, options: UnpackOptions) {
    const limits = { ...defaultArchiveLimits, ...options.limits }
    this.#archive = archive
    this.#expectedDigest = options.digest
    this.#privilege = options.privilege ?? currentPrivilege()
    this.#reader = new TarReader({ archive, limits })
    this.#judge = new EntryJudge(archive, limits)
    this.#losses = new LossCollector(this.#privilege)
  }

  async run(path: string, rootfs: string, signal: AbortSignal | undefined): Promise<UnpackReport> {
    const tar = await startProgram(tarCommand(await gnuTar(this.#archive), rootfs, this.#privilege), {
      archive: this.#archive,
    })
    signal?.addEventListener('abort', tar.kill)
    // It may have fired while GNU tar was being started.
    if (signal?.aborted === true) tar.kill()
    const listing = this.#readListing(tar)
    try {
      await this.#feed(tar, path, signal)
      await this.#finish(tar, listing)
    } finally {
      signal?.removeEventListener('abort', tar.kill)
      tar.kill()
      await Promise.allSettled([tar.ended, listing])
    }
    return {
      digest: this.#checkedDigest(path),
      entries: this.#judge.entries,
      contentBytes: this.#judge.contentBytes,
      losses: this.#losses.losses,
      isReadable: this.#isReadable,
    }
  }

  async #readListing(tar: RunningProgram): Promise<void> {
    for await (const chunk of tar.stdout) this.#transcript.addListing(chunk)
  }

  async #feed(tar: RunningProgram, path: string, signal: AbortSignal | undefined): Promise<void> {
    const onStored = (chunk: Buffer): void => void this.#hash.update(chunk)
    const chunks = plainBytes({ path }, { archive: this.#archive, onStored, signal })
    for await (const chunk of chunks) {
      // What follows the end is read for the digest and the decompressor's check, and gives nothing to send.
      const written = write(tar, this.#judged(chunk))
      // One chunk is judged while GNU tar takes the one before.
      if (!(await this.#written) && !this.#reader.isComplete) return
      this.#written = written
    }
    await this.#written
    this.#reader.end()
    tar.stdin.end()
  }

  /** The bytes of a chunk, and of what was kept from the one before, that GNU tar may have. */
  #judged(chunk: Buffer): Buffer {
    const passed: Buffer[] = []
    for (const piece of this.#reader.read(chunk)) {
      if (piece.kind === 'end') passed.push(...piece.blocks)
      else if (piece.kind === 'content') {
        if (!this.#isLeftOut) passed.push(piece.bytes)
      } else {
        this.#isLeftOut = this.#consider(piece.entry) === 'leave-out'
        if (!this.#isLeftOut) passed.push(...piece.blocks)
      }
    }
    return Buffer.concat(passed)
  }

  #consider(entry: TarEntry): 'keep' | 'leave-out' {
    const name = this.#judge.judge(entry)
    const decision = this.#losses.consider(entry, name)
    if (decision === 'leave-out') return decision
    this.#transcript.addJudged(entry)
    if (!this.#privilege.everywhere && !isReadableByOwner(entry)) this.#isReadable = false
    return decision
  }

  async #finish(tar: RunningProgram, listing: Promise<void>): Promise<void> {
    const [{ exitCode, complaints }] = await Promise.all([tar.ended, listing])
    const said = printable(complaints)
    if (exitCode !== 0) {
      throw new ArchiveUnpackError(
        this.#archive,
        `GNU tar could not unpack it, nothing of it was kept: ${said}`,
      )
    }
    if (!this.#transcript.agrees()) {
      throw new ArchiveUnpackError(
        this.#archive,
        'GNU tar reads other entries in it than were judged, so it is crafted or damaged; nothing of it was kept',
      )
    }
    for (const line of said.split('\n')) {
      if (line !== '') this.#losses.add('other', line)
    }
  }

  #checkedDigest(path: string): string {
    const digest = `sha256:${this.#hash.digest('hex')}`
    if (this.#expectedDigest === undefined || this.#expectedDigest === digest) return digest
    throw new ArchiveChangedError(
      this.#archive,
      `${path} has the digest ${digest} and not ${this.#expectedDigest}: it was changed while in use`,
    )
  }
}

/** A shell sets the umask that directories get which the archive implies without listing them. */
function tarCommand(tar: string, rootfs: string, privilege: UnpackPrivilege): [string, ...string[]] {
  return [
    'sh',
    '-c',
    'umask 022 && exec "$0" "$@"',
    tar,
    '--extract',
    '--file=-',
    `--directory=${rootfs}`,
    '--preserve-permissions',
    privilege.owners ? '--same-owner' : '--no-same-owner',
    '--numeric-owner',
    '--delay-directory-restore',
    `--xattrs-include=${privilege.systemAttributes ? '*' : 'user.*'}`,
    // Labels belong to the policy of the host that the archive comes from.
    '--xattrs-exclude=security.selinux',
    '--warning=no-timestamp',
    '--warning=no-unknown-keyword',
    '--verbose',
    '--verbose',
    '--quoting-style=c',
  ]
}

function isReadableByOwner({ kind, mode }: TarEntry): boolean {
  const needed = kind === 'directory' ? 0o500 : 0o400
  return (kind !== 'directory' && kind !== 'file') || (mode & needed) === needed
}

/** Writes to a program's input. Resolves when it was taken; with false when the program does not read any more. */
async function write({ stdin }: RunningProgram, bytes: Buffer): Promise<boolean> {
  if (bytes.length === 0) return true
  return await new Promise((resolve) => {
    stdin.write(bytes, (error) => resolve(error === null || error === undefined))
  })
}
