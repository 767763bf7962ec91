import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ImportModule } from './load-suites.ts'
import { openTestRunner } from './test-runner.ts'

/**
 * Lends a function that imports modules through vite: in TypeScript, too, which not every supported Node loads.
 *
 * @param body may import as long as it has not ended
 */
export async function withImporter<T>(body: (importModule: ImportModule) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'runwright-import-'))
  try {
    return await withImporterIn(directory, body)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The same for who has a directory for its temporary files. */
export async function withImporterIn<T>(
  directory: string,
  body: (importModule: ImportModule) => Promise<T>,
): Promise<T> {
  const runner = await openTestRunner(directory)
  try {
    return await body(async (url) => await runner.import<object>(fileURLToPath(url)))
  } finally {
    await runner.close()
  }
}
