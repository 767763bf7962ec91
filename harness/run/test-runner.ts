import { dirname, join } from 'node:path'
import type { CliOptions, Vitest } from 'vitest/node'
import { packageDirectory, programPath } from '../host/index.ts'
import { withoutForeignSignalHandlers } from './foreign-signal-handlers.ts'
import { withOwnPlaces } from './own-places.ts'

/** The one test file of a run. */
export const suitesEntry = () => programPath('harness/run/suites-entry.js')

/** Matches what is below a path, or the path itself. */
function below(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(/|$)`)
}

/** Where a vitest of ours works, and on what. */
export interface RunnerPlace {
  /** For its temporary files. */
  readonly directory: string
  /** Whether the test file of a run imports modules that only vite can load: a user's, which may be TypeScript. */
  readonly hasOwnModules: boolean
}

/** Makes a vitest that reads no configuration, writes nothing beside what it runs and leaves signals alone. */
export async function openTestRunner(
  { directory, hasOwnModules }: RunnerPlace,
  options: CliOptions,
): Promise<Vitest> {
  // Who only asks for help or a list of the shipped tests has no use for vitest, and may not have it. And nobody loads it
  // before a process could be started: its native code ends this process, and the reaper's too, where no thread can be.
  const { createVitest } = await import('vitest/node')
  const entry = suitesEntry()
  const always: CliOptions = {
    config: false,
    root: dirname(entry),
    include: [],
    watch: false,
    server: {
      deps: {
        // What is compiled already needs nothing of vite; as in node_modules, Node loads it, which is faster.
        external: [below(join(packageDirectory(), 'dist'))],
        // But a module is imported by whoever has loaded the one that imports it.
        inline: hasOwnModules ? [below(entry)] : [],
      },
    },
  }
  return await withoutForeignSignalHandlers(() =>
    withOwnPlaces(directory, () =>
      // What it would remember of a run lies beside the tests otherwise, which is in the installed package.
      createVitest('test', { ...always, ...options }, { cacheDir: directory }),
    ),
  )
}
