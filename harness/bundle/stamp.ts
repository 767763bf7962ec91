import { type BigIntStats, readFileSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { parseJson, stringifyJson } from '../spec/index.ts'
import type { Definition } from './bundle.ts'
import { isConfiguration } from './configuration.ts'
import { isFileError } from './file-error.ts'
import { currentBoot } from './owner.ts'
import { frozenCopy } from './plain-copy.ts'

/** What the registry remembers of a bundle, outside the bundle's directory where nothing that uses it can reach. */
export interface Stamp {
  readonly definition: Definition
  /** When the machine was started that the bundle was made on: after a power cut its files may be empty. */
  readonly boot: string
  /** When the directory was made, in nanoseconds, where the file system remembers. */
  readonly born: string | null
  /** Whether the root file system is an overlay, without which the bundle is not whole. */
  readonly isOverlaid: boolean
}

const schema = v.object({
  runwright: v.literal('bundle/3'),
  boot: v.string(),
  born: v.nullable(v.string()),
  name: v.string(),
  source: v.string(),
  archiveDigest: v.string(),
  path: v.string(),
  rootfs: v.string(),
  isCopied: v.optional(v.literal(true)),
  isOverlaid: v.boolean(),
  spec: v.unknown(),
})

/** File name of the stamp of the directory with this inode number under this name. */
export function stampName(name: string, inode: bigint): string {
  return `${name}@${inode}`
}

/** Writes the stamp of a finished bundle, over that of one whose directory somebody removed by hand. */
export function writeStamp(
  path: string,
  definition: Definition,
  { directory, isOverlaid }: { readonly directory: BigIntStats; readonly isOverlaid: boolean },
): void {
  const stamp: v.InferInput<typeof schema> = {
    runwright: 'bundle/3',
    boot: currentBoot(),
    born: birthOf(directory),
    isOverlaid,
    ...definition,
  }
  writeFileSync(path, stringifyJson(stamp), { mode: 0o600 })
}

/** Where the kernel does not tell when a directory was made, Node says when it was last changed. */
function birthOf({ birthtimeNs, ctimeNs }: BigIntStats): string | null {
  return birthtimeNs === ctimeNs ? null : String(birthtimeNs)
}

/** Reads a stamp; undefined when there is none or it is none of ours. */
export function readStamp(path: string): Stamp | undefined {
  const text = readText(path)
  if (text === undefined) return undefined
  const { success, output } = v.safeParse(schema, parse(text))
  if (!success) return undefined
  const { boot, born, isOverlaid, name, source, archiveDigest, path: bundlePath, rootfs, isCopied } = output
  const spec = frozenCopy(output.spec)
  if (!isConfiguration(spec)) return undefined
  const own = { name, source, archiveDigest, path: bundlePath, rootfs, spec }
  const definition = Object.freeze(isCopied === undefined ? own : { ...own, isCopied })
  return { boot, born, isOverlaid, definition }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** Whether a stamp speaks for the directory that has this name now. */
export function isValid({ definition, boot, born }: Stamp, name: string, directory: BigIntStats): boolean {
  const sameBirth = born === null || born === String(directory.birthtimeNs)
  return definition.name === name && boot === currentBoot() && sameBirth
}
