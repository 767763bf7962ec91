import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { checkNames, downloadWith, isVersion } from './debian-packages.ts'
import { compareDebianVersions } from './debian-version.ts'
import { homeDirectories } from './directories.ts'
import { type DownloadedPackage, listDownloads, packageRoot } from './downloads.ts'
import { findProgram } from './find-program.ts'
import { addOwnLibraries, type OwnLibraries } from './own-libraries.ts'
import { PackageError, PrivateApt } from './private-apt.ts'
import { describeProgram, inspectProgram, type ProgramReport } from './program-report.ts'

/** A program that was downloaded without being installed. */
export interface DownloadedProgram {
  readonly name: string
  readonly version: string
  readonly suite: string | undefined
  /** Start it by this path. */
  readonly path: string
  /** Whose libc and libraries it runs with: the host's, or its own that were downloaded with it. */
  readonly libraries: 'host' | 'own'
  readonly report: ProgramReport
}

const patchelf = 'patchelf'

/** Where a package may put a program. */
const programDirectories = ['usr/sbin', 'usr/bin', 'usr/local/sbin', 'usr/local/bin', 'sbin', 'bin'] as const

/** Where downloaded programs are kept, one directory a name and in it one a version. */
export function downloadsDirectory(): string {
  return join(homeDirectories().archives, 'programs')
}

/**
 * Downloads a program with apt, without installing it, so that several versions can stand side by side. One that was
 * built for a newer libc gets the libraries of its own suite as well.
 *
 * @param name of the program; `options.packageName` where its package is called otherwise
 * @throws PackageError when it is not to be had, or its package holds no such program
 */
export async function downloadProgram(
  name: string,
  options: {
    readonly packageName?: string
    readonly suite?: string | undefined
    readonly version?: string | undefined
    readonly signal?: AbortSignal | undefined
  } = {},
): Promise<DownloadedProgram> {
  const packageName = options.packageName ?? name
  checkNames(packageName, options)
  const destination = join(downloadsDirectory(), name)
  await using apt = await PrivateApt.open(options)
  const download = await downloadWith(
    apt,
    packageName,
    { ...options, destination },
    {
      isGood: (known) => describeDownload(name, known).report.kind === 'runs',
      prepare: async (directory, final) => {
        const program = findPackagedProgram(packageRoot(directory), name)
        if (program === undefined) throw new PackageError(`the package ${packageName} has no program ${name}`)
        const own = await addLibrariesWhereNeeded(
          { apt, packageName, program, directory, final },
          options.signal,
        )
        return { program: own ?? relative(directory, program) }
      },
    },
  )
  return describeDownload(name, download)
}

async function addLibrariesWhereNeeded(
  packaged: Omit<OwnLibraries, 'patchelf'>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { kind } = inspectProgram(packaged.program)
  if (kind !== 'needs-newer-libc' && kind !== 'missing-library') return undefined
  if (packaged.packageName === patchelf) return undefined
  return await addOwnLibraries({ ...packaged, patchelf: await findPatchelf(signal) })
}

/** patchelf of the host, or one downloaded from the host's own sources, which needs no libraries of its own. */
async function findPatchelf(signal: AbortSignal | undefined): Promise<string> {
  const ready = findProgram(patchelf) ?? (await findDownloadedProgram(patchelf))?.path
  if (ready !== undefined) return ready
  const { path, report } = await downloadProgram(patchelf, { signal })
  if (report.kind === 'runs') return path
  throw new PackageError(`${path} ${describeProgram(report)}: install the package ${patchelf}`)
}

function findPackagedProgram(root: string, name: string): string | undefined {
  return programDirectories.map((directory) => join(root, directory, name)).find((path) => existsSync(path))
}

/** All downloads of a program, or of all programs: by name, then newest first. */
export async function listDownloadedPrograms(name?: string): Promise<DownloadedProgram[]> {
  const home = downloadsDirectory()
  const names = name === undefined ? await readdir(home).catch(() => []) : [name]
  const programs: DownloadedProgram[] = []
  for (const program of names.toSorted()) {
    const downloads = await listDownloads(join(home, program))
    downloads.sort((one, other) => compareDebianVersions(other.version, one.version))
    programs.push(...downloads.map((download) => describeDownload(program, download)))
  }
  return programs
}

/**
 * Finds a downloaded program that runs on this host.
 *
 * @param name `runc` for the newest, `runc@1.3` for the newest of that version
 * @param suite only one from there
 */
export async function findDownloadedProgram(
  name: string,
  suite?: string,
): Promise<DownloadedProgram | undefined> {
  const [program = '', version] = name.split('@')
  if (!/^[a-z0-9][a-z0-9+._-]*$/i.test(program)) return undefined
  return (await listDownloadedPrograms(program)).find(
    (download) =>
      download.report.kind === 'runs' &&
      (version === undefined || isVersion(download.version, version)) &&
      (suite === undefined || download.suite === suite),
  )
}

function describeDownload(name: string, download: DownloadedPackage): DownloadedProgram {
  const path =
    download.program ?? findPackagedProgram(download.root, name) ?? join(download.root, 'usr/bin', name)
  return {
    name,
    version: download.version,
    suite: download.suite,
    path,
    libraries: path.startsWith(join(download.directory, 'bin')) ? 'own' : 'host',
    report: inspectProgram(path),
  }
}
