import {
  type DownloadedProgram,
  describeProgram,
  findProgram,
  inspectProgram,
  listDownloadedPrograms,
} from '../host/index.ts'
import { type RuntimeFeature, runtimeProfiles } from '../runtime/index.ts'
import { programVersion } from './find-runtime.ts'

/** A runtime that is there, whether or not it can be started. */
export interface FoundRuntime {
  /** Name of its profile. */
  readonly name: string
  readonly path: string
  readonly version?: string | undefined
  readonly origin: 'installed' | 'downloaded'
  readonly suite?: string | undefined
  /** Whose libc it runs with; `own` where this host's is too old for it. */
  readonly libraries?: 'host' | 'own'
  /** What it is known not to offer. */
  readonly lacks: readonly RuntimeFeature[]
  /** Why it cannot be started here. */
  readonly problem?: string
}

/** Looks for every runtime that has a profile, on PATH and among the downloads, in the order of the profiles. */
export async function findRuntimes(): Promise<FoundRuntime[]> {
  const found: FoundRuntime[] = []
  for (const { name, command, lacks } of runtimeProfiles) {
    const installed = await findInstalled(command)
    if (installed !== undefined) found.push({ ...installed, name, lacks })
    for (const program of await listDownloadedPrograms(command)) {
      const { path, version, suite, libraries } = program
      found.push({ name, path, version, origin: 'downloaded', suite, libraries, lacks, ...flawOf(program) })
    }
  }
  return found
}

function flawOf({ name, suite, libraries, report }: DownloadedProgram): { readonly problem?: string } {
  if (report.kind === 'runs') return {}
  if (libraries === 'host' || suite === undefined) return { problem: describeProgram(report) }
  // The loader is in the program by its path, so this is what moving the directory does.
  return {
    problem: `has lost its libc, as when it was moved: 'runwright setup ${name} --suite ${suite}' gets it again`,
  }
}

async function findInstalled(command: string): Promise<Omit<FoundRuntime, 'name' | 'lacks'> | undefined> {
  const path = findProgram(command)
  if (path === undefined) return undefined
  const report = inspectProgram(path)
  const found = { path, origin: 'installed' } as const
  if (report.kind !== 'runs') return { ...found, problem: describeProgram(report) }
  const version = await programVersion(path)
  return version === undefined ? { ...found, problem: 'does not tell its version' } : { ...found, version }
}
