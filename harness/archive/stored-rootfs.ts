import { lstat, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  array,
  boolean,
  type InferOutput,
  literal,
  number,
  object,
  picklist,
  pipe,
  readonly,
  regex,
  safeParse,
  string,
} from 'valibot'
import type { UnpackReport } from './unpack.ts'

/** Raised when archives are unpacked differently than before, so that older rootfs are not taken for exact. */
const storeFormat = 1

const recordName = 'archive.json'
const digestPattern = /^sha256:[0-9a-f]{64}$/
const directoryPattern = /^[0-9a-f]{64}-\d+(?:-unprivileged)?$/

const lossSchema = object({
  kind: picklist(['owner', 'device', 'attribute', 'access-list', 'other']),
  count: number(),
  examples: pipe(array(string()), readonly()),
})

const recordSchema = object({
  schema: literal('runwright.stored-archive/1'),
  archive: string(),
  digest: pipe(string(), regex(digestPattern)),
  unpackedAt: string(),
  entries: number(),
  contentBytes: number(),
  isReadable: boolean(),
  losses: pipe(array(lossSchema), readonly()),
})

/** What is known of an unpacked archive. */
type StoredRecord = Readonly<InferOutput<typeof recordSchema>>

/** An archive that the store holds unpacked. */
export interface StoredRootfs extends StoredRecord {
  /** The directory in the store that holds everything of it. */
  readonly directory: string
  /** The rootfs: never to be written to. */
  readonly rootfs: string
}

export function isDigest(digest: string): boolean {
  return digestPattern.test(digest)
}

/**
 * Name of an archive's directory in the store. What an ordinary user unpacks lacks owners and devices and must not be
 * taken for exact when the same user is root another time (in a container, say), so it is kept apart.
 */
export function directoryName(digest: string, isPrivileged: boolean): string {
  const hex = digest.slice('sha256:'.length)
  return `${hex}-${storeFormat}${isPrivileged ? '' : '-unprivileged'}`
}

/** Whether a name in the store's directory is that of an unpacked archive, of this or another format. */
export function isDirectoryName(name: string): boolean {
  return directoryPattern.test(name)
}

export async function writeRecord(directory: string, archive: string, report: UnpackReport): Promise<void> {
  const record: StoredRecord = {
    schema: 'runwright.stored-archive/1',
    archive,
    unpackedAt: new Date().toISOString(),
    ...report,
  }
  await writeFile(join(directory, recordName), `${JSON.stringify(record, undefined, 2)}\n`)
}

/** Reads what the store holds in a directory; undefined when there is nothing, or nothing whole. */
export async function readStoredRootfs(directory: string): Promise<StoredRootfs | undefined> {
  const rootfs = join(directory, 'rootfs')
  const stats = await lstat(rootfs).catch(() => undefined)
  if (stats?.isDirectory() !== true) return undefined
  const text = await readFile(join(directory, recordName), 'utf8').catch(() => '')
  const { success, output } = safeParse(recordSchema, parse(text))
  return success ? { ...output, directory, rootfs } : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
