import { readdirSync } from 'node:fs'
import { type Starter, starterFiles, testFiles } from './starter-files.ts'
import { writeNewFile } from './write-new-file.ts'

/** What became of one file. */
export interface StartedFile {
  /** In the repository. */
  readonly path: string
  /** Why it was left alone; undefined where it was written. */
  readonly left?: string
}

/**
 * Writes what a repository begins with, and leaves alone whatever is there already.
 *
 * @param directory of the repository
 * @throws FileNotWrittenError; what was written until then stays, and the next call goes on from there
 */
export function writeStarter(directory: string, starter: Starter): StartedFile[] {
  return [...starterFiles(starter)].map(([path, text]) => {
    const left = reasonToLeave(directory, path, starter)
    if (left !== undefined) return { path, left }
    return writeNewFile(directory, path, text) ? { path } : { path, left: 'it is there already' }
  })
}

const configuration = 'vitest.config.ts'
const anyConfiguration = /^vite(st)?\.config\.[cm]?[jt]s$/

/** vitest takes the first configuration of several, and ours would be it. */
function reasonToLeave(directory: string, path: string, { runtime }: Starter): string | undefined {
  if (path !== configuration) return undefined
  const other = readdirSync(directory).find((name) => name !== configuration && anyConfiguration.test(name))
  if (other === undefined) return undefined
  return `${other} is there: let it include ${testFiles}, with RUNWRIGHT_RUNTIME=${runtime} in its env`
}
