import { join } from 'node:path'
import type { Bundle } from '../harness/bundle/index.ts'
import { runTool } from '../harness/host/index.ts'

/** An exact copy of a bundle below a directory, for tests that change the files of one. */
export async function copyOf(bundle: Bundle, directory: string): Promise<{ readonly path: string }> {
  const path = join(directory, 'bundle')
  await runTool(['cp', '-a', bundle.path, path])
  return { path }
}
