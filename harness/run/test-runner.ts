import { join } from 'node:path'
import type { Vitest } from 'vitest/node'
import { packageDirectory } from '../host/index.ts'
import { withoutForeignSignalHandlers } from './foreign-signal-handlers.ts'
import { withOwnPlaces } from './own-places.ts'

/** Matches what is below a path, or the path itself. */
function below(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(/|$)`)
}

/**
 * Makes a vitest that is to import modules and runs no tests. It reads no configuration, writes nothing beside what it
 * imports and leaves signals alone.
 *
 * @param directory for its temporary files
 */
export async function openTestRunner(directory: string): Promise<Vitest> {
  // Who only asks for help or runs the shipped tests has no use for it. And nobody loads it before a process could be
  // started: its native code ends this process, and the reaper's too, where no thread can be.
  const { createVitest } = await import('vitest/node')
  const root = join(packageDirectory(), 'dist')
  const options = {
    ...{ config: false as const, root, include: [], watch: false, reporters: [] },
    // What is compiled already needs nothing of vite; as in node_modules, Node loads it, which is faster.
    server: { deps: { external: [below(root)] } },
  }
  return await withoutForeignSignalHandlers(() =>
    withOwnPlaces(directory, () =>
      // What it would remember of a run lies beside the tests otherwise, which is in the installed package.
      createVitest('test', options, { cacheDir: directory }),
    ),
  )
}
