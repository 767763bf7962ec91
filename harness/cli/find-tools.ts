import { findDownloadedProgram, findProgram, inspectProgram, runTool } from '../host/index.ts'

/** A program beside the runtime that the harness works with. */
export interface Tool {
  readonly name: string
  /** Names under which it is installed. */
  readonly programs: readonly string[]
  readonly use: string
  /** Why the one at this path will not do; undefined when it will. */
  readonly flawOf: (path: string) => Promise<string | undefined>
}

/** Where a tool is, or why there is none that will do. */
export type FoundTool = { readonly name: string; readonly use: string } & (
  | { readonly path: string }
  | { readonly problem: string }
)

/** Programs that a run needs. */
export const tools: readonly Tool[] = [
  {
    name: 'busybox',
    programs: ['busybox', 'busybox.static', 'busybox-static'],
    use: 'root file systems are made of it',
    flawOf: flawOfBusybox,
  },
  { name: 'tar', programs: ['tar'], use: 'unpacks root file systems', flawOf: flawOfTar },
]

async function flawOfBusybox(path: string): Promise<string | undefined> {
  const report = inspectProgram(path)
  if (report.kind === 'runs' && report.linkage === 'static') return undefined
  return `${path} is not static, so it would not run alone in a root file system`
}

async function flawOfTar(path: string): Promise<string | undefined> {
  const said = await runTool([path, '--version'], { timeoutMs: 10_000 }).catch(() => '')
  return said.includes('GNU tar')
    ? undefined
    : `${path} is not GNU tar, which alone unpacks everything exactly`
}

/** Looks for a tool among the installed programs, then among the downloads. */
export async function findTool({ name, programs, use, flawOf }: Tool): Promise<FoundTool> {
  const candidates = [...programs.map(findProgram), (await findDownloadedProgram(name))?.path]
  let problem: string | undefined
  for (const path of candidates) {
    if (path === undefined) continue
    const flaw = await flawOf(path)
    if (flaw === undefined) return { name, use, path }
    problem ??= flaw
  }
  return { name, use, problem: problem ?? `there is no ${name}` }
}
