import { describeProgram, findDownloadedProgram, locateProgram, runTool } from '../host/index.ts'

/** Which one of several programs of the same name is meant. */
export interface ProgramWish {
  readonly suite?: string | undefined
  /** A full version or the beginning of one. */
  readonly version?: string | undefined
}

/** A program of this host that can be started, or why there is none. */
export type ProgramSearch =
  | { readonly path: string; readonly version?: string | undefined }
  | { readonly problem: string }

/** Looks for a runtime that runs here: installed, or downloaded; only a downloaded one is of a certain suite. */
export async function findRuntime(name: string, wish: ProgramWish): Promise<ProgramSearch> {
  const { suite, version } = wish
  if (suite === undefined) {
    const located = await locateProgram(name)
    if (located?.kind === 'runs') {
      const found = await programVersion(located.path)
      if (version === undefined || isVersionText(found, version))
        return { path: located.path, version: found }
    } else if (located !== undefined && version === undefined) {
      return { problem: `${located.path} ${describeProgram(located)}` }
    }
  }
  const downloaded = await findDownloadedProgram(version === undefined ? name : `${name}@${version}`, suite)
  if (downloaded !== undefined) return { path: downloaded.path, version: downloaded.version }
  return { problem: `there is no ${describeWish(name, wish)}` }
}

function describeWish(name: string, { suite, version }: ProgramWish): string {
  return [name, version, suite === undefined ? undefined : `of ${suite}`]
    .filter((part) => part !== undefined)
    .join(' ')
}

/** Whether `1.1` is meant by `1.1.5+ds1`. */
function isVersionText(version: string | undefined, wanted: string): boolean {
  return (
    version === wanted ||
    (version?.startsWith(wanted) === true && /[.+~-]/.test(version.charAt(wanted.length)))
  )
}

/** What a program says to `--version`, of which the first number is its version; undefined when it says nothing. */
export async function programVersion(path: string): Promise<string | undefined> {
  const said = await runTool([path, '--version'], { timeoutMs: 10_000 }).catch(() => '')
  return /(?:^|\s)v?(\d+\.\d\S*)/.exec(said.split('\n')[0] ?? '')?.[1]
}
