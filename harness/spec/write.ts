import { randomUUID } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { SpecExistsError, SpecNotWrittenError } from './errors.ts'
import { stringifyJson } from './json/stringify.ts'
import type { DeepReadonly } from './schema/readonly.ts'
import type { Spec } from './schema/spec.ts'

/** How a configuration is called in its bundle (bundle.md, container format). */
export const specFileName = 'config.json'

function refuse(file: string, cause: unknown): Error {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
    return new SpecExistsError(`File ${file} exists. Remove it first`, file, { cause })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SpecNotWrittenError(`File ${file} cannot be written: ${reason}`, file, { cause })
}

async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o666)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Writes the text of a configuration into a directory as `config.json`, which must not exist yet, not even as a
 * symbolic link to nowhere. The file appears whole or not at all; its mode is 0666 less the umask.
 *
 * Throws `SpecExistsError`, or `SpecNotWrittenError` with the cause.
 */
export async function writeSpecText(directory: string, text: string): Promise<void> {
  const file = join(directory, specFileName)
  const draft = join(directory, `.${specFileName}.${randomUUID()}`)
  try {
    await writeNew(draft, text)
    // Unlike a rename, a link never replaces what is there.
    await link(draft, file)
  } catch (cause) {
    throw refuse(file, cause)
  } finally {
    await unlink(draft).catch(() => undefined)
  }
}

/**
 * Writes a configuration into a directory as `config.json`, laid out as runc does: tabs, no newline at the end. Nothing
 * is checked: a suite may write what a runtime must refuse. Never overwrites, never leaves half a file, never changes
 * the working directory.
 *
 * Throws `SpecExistsError`, `SpecNotWrittenError` with the cause, or `JsonUnrepresentableError`.
 */
export async function writeSpec(directory: string, spec: DeepReadonly<Spec>): Promise<void> {
  await writeSpecText(directory, stringifyJson(spec, { indent: '\t' }))
}
