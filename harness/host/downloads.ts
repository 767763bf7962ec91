import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ensurePrivateDirectory } from './directories.ts'

/** What to download and where to. */
export interface DownloadOptions {
  /** A suite other than the host's: `trixie`, `sid`, `bookworm-backports` … */
  readonly suite?: string | undefined
  /** A full version, or the beginning of one (`1.3` for `1.3.6+ds1-1`); the newest without it. */
  readonly version?: string | undefined
  /** Each version gets a directory of its own in here. */
  readonly destination: string
  readonly signal?: AbortSignal | undefined
}

/** A package unpacked into a directory of ours. */
export interface DownloadedPackage {
  readonly name: string
  readonly version: string
  /** The suite it was asked from; undefined for the host's own sources. */
  readonly suite: string | undefined
  /** `<destination>/<version>`, which holds everything of this download. */
  readonly directory: string
  /** Where the package's files are, as if it had been installed there. */
  readonly root: string
  /** The program it was downloaded for, where one was named. */
  readonly program?: string | undefined
}

/** Facts of a download as they lie beside it. */
interface DownloadRecord {
  readonly name: string
  readonly version: string
  readonly suite?: string | undefined
  /** Relative to the directory of the download. */
  readonly program?: string | undefined
}

const recordName = 'download.json'
const partialPrefix = '.partial-'
/** Longer than any download takes: what is older was left behind by a killed process. */
const abandonedAfterMs = 24 * 60 * 60 * 1000

/** The directory of a version: an epoch's colon would break search paths. No version of a package has a `_` itself. */
export function versionDirectory(destination: string, version: string): string {
  return join(destination, version.replaceAll(':', '_'))
}

/** Where the files of a package lie in the directory of its download. */
export function packageRoot(directory: string): string {
  return join(directory, 'root')
}

/**
 * Makes the directory of one version whole or not at all: it is filled beside its place and then renamed.
 *
 * @param fill puts the files of the download into `directory`, which will be renamed to `final`
 */
export async function placeDownload(
  destination: string,
  facts: { readonly name: string; readonly version: string; readonly suite?: string | undefined },
  fill: (directory: string, final: string) => Promise<{ readonly program?: string | undefined }>,
): Promise<DownloadedPackage> {
  ensurePrivateDirectory(destination)
  await removeAbandoned(destination)
  const final = versionDirectory(destination, facts.version)
  const partial = await mkdtemp(join(destination, partialPrefix))
  try {
    await chmod(partial, 0o755)
    const record: DownloadRecord = { ...facts, ...(await fill(partial, final)) }
    await writeFile(join(partial, recordName), `${JSON.stringify(record, undefined, 2)}\n`)
    await renameOver(partial, final)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return (
    (await readDownload(final)) ?? {
      ...facts,
      suite: facts.suite,
      directory: final,
      root: packageRoot(final),
    }
  )
}

/** Puts a finished directory into its place; one that is there gives way, as it may be the one found broken. */
async function renameOver(partial: string, final: string): Promise<void> {
  const aside = `${partial}-old`
  if (existsSync(final)) await rename(final, aside)
  try {
    await rename(partial, final)
  } catch (error) {
    // Another process was faster, with the same content.
    if (!existsSync(join(final, recordName))) throw error
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function removeAbandoned(destination: string): Promise<void> {
  for (const name of await readdir(destination)) {
    if (!name.startsWith(partialPrefix)) continue
    const path = join(destination, name)
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(path, { recursive: true, force: true })
    }
  }
}

/** Reads what is known of a download; undefined when the directory is none, or not a whole one. */
export async function readDownload(directory: string): Promise<DownloadedPackage | undefined> {
  const text = await readFile(join(directory, recordName), 'utf8').catch(() => undefined)
  const record = text === undefined ? undefined : parseRecord(text)
  if (record === undefined || basename(versionDirectory('', record.version)) !== basename(directory))
    return undefined
  const program = record.program === undefined ? {} : { program: join(directory, record.program) }
  return { ...record, suite: record.suite, directory, root: packageRoot(directory), ...program }
}

/** Downloads that are whole, in no particular order. */
export async function listDownloads(destination: string): Promise<DownloadedPackage[]> {
  const names = await readdir(destination).catch(() => [])
  const downloads = await Promise.all(names.map(async (name) => await readDownload(join(destination, name))))
  return downloads.filter((download) => download !== undefined)
}

/** Makes the directory that package files are unpacked into. */
export async function makePackageRoot(directory: string): Promise<string> {
  const root = packageRoot(directory)
  await mkdir(root, { recursive: true })
  return root
}

function parseRecord(text: string): DownloadRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is DownloadRecord {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('version' in value)) return false
  const optional = ['suite' in value ? value.suite : '', 'program' in value ? value.program : '']
  return [value.name, value.version, ...optional].every((field) => typeof field === 'string')
}
