import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { SpecIsDirectoryError, SpecNotFoundError, SpecUnreadableError } from './errors.ts'
import { decodeJson } from './json/decode.ts'

/** Far beyond any configuration; keeps a mistaken path from filling the memory. */
const largest = 64 * 1024 * 1024

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function refuse(file: string, cause: unknown): Error {
  const code = codeOf(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SpecNotFoundError(`JSON specification file ${file} not found`, file, { cause })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SpecUnreadableError(`JSON specification file ${file} cannot be read: ${reason}`, file, { cause })
}

async function readRegular(handle: FileHandle, file: string): Promise<Buffer> {
  const found = await handle.stat()
  if (found.isDirectory()) {
    throw new SpecIsDirectoryError(
      `${file} is a directory, not a JSON specification file: name the file in it`,
      file,
    )
  }
  if (!found.isFile()) throw new SpecUnreadableError(`${file} is not a regular file`, file)
  if (found.size > largest) {
    throw new SpecUnreadableError(
      `${file} has ${found.size} bytes, more than the ${largest} that are read`,
      file,
    )
  }
  try {
    return await handle.readFile()
  } catch (cause) {
    throw refuse(file, cause)
  }
}

/**
 * Reads the text of a JSON file.
 *
 * Throws `SpecNotFoundError`, `SpecIsDirectoryError`, `SpecUnreadableError`, or `JsonEncodingError` for what is not UTF-8.
 */
export async function readJsonFile(file: string): Promise<string> {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw refuse(file, cause)
  })
  try {
    return decodeJson(await readRegular(handle, file), { file })
  } finally {
    await handle.close()
  }
}
