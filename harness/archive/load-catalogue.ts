import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, pipe, record, safeParse, string, unknown } from 'valibot'
import { type ArchiveSource, archiveSourceSchema } from './archive-source.ts'
import { ArchiveCatalogue, type ArchiveCatalogueOptions } from './catalogue.ts'
import { printable } from './entry-name.ts'
import { ArchiveCatalogueError } from './errors.ts'

const catalogueSchema = pipe(
  unknown(),
  // valibot takes an array for a record.
  check((value) => !Array.isArray(value), 'the catalogue is an object of sources by name'),
  record(string(), archiveSourceSchema),
)
const catalogueName = 'catalogue.json'
const archiveFile = /^([A-Za-z0-9_][A-Za-z0-9._+-]*?)\.(?:tar(?:\.(?:gz|zst|xz|bz2))?|tgz|tzst|txz|tbz2)$/

/**
 * The catalogue of a directory: `busybox`, every tar file in it under its name without the endings, and what its
 * `catalogue.json` names (an object of sources by name), which goes before the others.
 *
 * @throws ArchiveCatalogueError when catalogue.json is not valid; ArchiveNameError for a name in it.
 */
export async function loadCatalogue(
  options: Omit<ArchiveCatalogueOptions, 'entries'>,
): Promise<ArchiveCatalogue> {
  const { directory } = options
  const entries: Readonly<Record<string, ArchiveSource>> = {
    busybox: { kind: 'busybox' },
    ...(await filesIn(directory)),
    ...(await readEntries(join(directory, catalogueName))),
  }
  return new ArchiveCatalogue({ ...options, entries })
}

async function filesIn(directory: string): Promise<Record<string, ArchiveSource>> {
  const names = (await readdir(directory).catch(() => [])).toSorted()
  return Object.fromEntries(
    names.flatMap((path): [string, ArchiveSource][] => {
      const name = archiveFile.exec(path)?.[1]
      return name === undefined || name.length > 128 ? [] : [[name, { kind: 'file', path }]]
    }),
  )
}

async function readEntries(path: string): Promise<Record<string, ArchiveSource>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw new ArchiveCatalogueError(path, `cannot be read: ${error.message}`, { cause: error })
  })
  const { success, output, issues } = safeParse(catalogueSchema, parse(path, text))
  if (success) return output
  const [issue] = issues
  const place = (issue.path ?? []).map(({ key }) => printable(String(key))).join('.')
  throw new ArchiveCatalogueError(path, `${place}: ${printable(issue.message)}`)
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ArchiveCatalogueError(path, `is no JSON: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    })
  }
}
