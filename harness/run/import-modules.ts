import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ImportModule } from './load-suites.ts'
import { openTestRunner } from './test-runner.ts'

/**
 * Lends a function that imports modules as the worker of a run does, through vite: in TypeScript, too, which not every
 * supported Node loads.
 */
export async function withImporter<T>(body: (importModule: ImportModule) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'runwright-import-'))
  const runner = await openTestRunner({ directory, hasOwnModules: false }, { reporters: [] })
  try {
    return await body(async (url) => await runner.import<object>(fileURLToPath(url)))
  } finally {
    await runner.close()
    await rm(directory, { recursive: true })
  }
}
