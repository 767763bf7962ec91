import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Archive,
  ArchiveCatalogue,
  type ArchiveSource,
  ArchiveStore,
  loadCatalogue,
  type StoredRootfs,
  unpackArchive,
} from '../archive/index.ts'
import { ensurePrivateDirectory, homeDirectories, RunwrightError } from '../host/index.ts'

/** An archive of the catalogue as a list shows it. */
export interface ListedArchive {
  readonly name: string
  readonly source: ArchiveSource
  /** The rootfs unpacked from an archive of this name, if it has been. */
  readonly unpacked?: StoredRootfs
}

/** The name is taken, or nothing is known by it. */
export class CatalogueEditError extends RunwrightError {
  override readonly code = 'CATALOGUE_EDIT'
}

/** How this user's archives are got and kept. */
export async function openArchives(): Promise<{ catalogue: ArchiveCatalogue; store: ArchiveStore }> {
  const directory = homeDirectories().archives
  const catalogue = await loadCatalogue({ directory })
  return { catalogue, store: storeOf(catalogue) }
}

function storeOf(catalogue: ArchiveCatalogue): ArchiveStore {
  return new ArchiveStore({ directory: join(homeDirectories().archives, 'unpacked'), catalogue })
}

/** The archives of the catalogue, by name. */
export async function listArchives(): Promise<ListedArchive[]> {
  const { catalogue, store } = await openArchives()
  const stored = await store.list()
  return catalogue.names().map((name) => {
    const unpacked = stored.find(({ archive }) => archive === name)
    return { name, source: catalogue.source(name), ...(unpacked === undefined ? {} : { unpacked }) }
  })
}

/**
 * Puts an archive into the catalogue, after getting it and unpacking it once to see that it is sound.
 *
 * @throws CatalogueEditError when the name is taken; whatever is wrong with the archive
 */
export async function addArchive(
  name: string,
  source: ArchiveSource,
): Promise<{ archive: Archive; stored: StoredRootfs }> {
  const directory = homeDirectories().archives
  const known = await loadCatalogue({ directory })
  if (known.names().includes(name)) {
    throw new CatalogueEditError(
      `there is an archive '${name}' already: 'runwright archive remove ${name}' first`,
    )
  }
  ensurePrivateDirectory(directory)
  const catalogue = new ArchiveCatalogue({ directory, entries: { [name]: source } })
  const archive = await catalogue.resolve(name)
  const stored = await storeOf(catalogue).stored(archive)
  await editEntries((entries) => ({ ...entries, [name]: source }))
  return { archive, stored }
}

/**
 * Takes an archive out of the catalogue and removes what was unpacked of it; the file it names stays.
 *
 * @throws CatalogueEditError when the catalogue has it not from its list but by itself
 */
export async function removeArchive(name: string): Promise<void> {
  const { catalogue, store } = await openArchives()
  const source = catalogue.source(name)
  if (!Object.hasOwn(await readEntries(), name)) {
    const origin = 'path' in source ? resolve(homeDirectories().archives, source.path) : undefined
    throw new CatalogueEditError(
      origin === undefined
        ? `the archive '${name}' is built in and cannot be removed`
        : `the archive '${name}' is there because ${origin} is: remove that file`,
    )
  }
  await editEntries(({ [name]: _removed, ...entries }) => entries)
  for (const { archive, digest } of await store.list()) if (archive === name) await store.remove(digest)
}

/** Unpacks an archive of the catalogue, or an archive file, to a directory that is not there yet. */
export async function unpackTo(nameOrFile: string, destination: string): Promise<StoredRootfs['losses']> {
  const { catalogue, store } = await openArchives()
  if (!catalogue.names().includes(nameOrFile) && existsSync(nameOrFile)) {
    return (await unpackArchive(resolve(nameOrFile), destination)).losses
  }
  const archive = await catalogue.resolve(nameOrFile)
  await store.populate(archive, destination)
  return (await store.stored(archive)).losses
}

const catalogueFile = 'catalogue.json'

async function readEntries(): Promise<Readonly<Record<string, unknown>>> {
  const path = join(homeDirectories().archives, catalogueFile)
  if (!existsSync(path)) return {}
  const entries: Readonly<Record<string, unknown>> = JSON.parse(await readFile(path, 'utf8'))
  return entries
}

async function editEntries(
  edit: (entries: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<void> {
  const path = join(homeDirectories().archives, catalogueFile)
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, `${JSON.stringify(edit(await readEntries()), undefined, 2)}\n`)
  await rename(unfinished, path)
}
