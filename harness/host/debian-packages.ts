import { existsSync } from 'node:fs'
import { compareDebianVersions } from './debian-version.ts'
import {
  type DownloadedPackage,
  type DownloadOptions,
  makePackageRoot,
  placeDownload,
  readDownload,
  versionDirectory,
} from './downloads.ts'
import { PackageError, PrivateApt } from './private-apt.ts'
import { runTool } from './tool.ts'

/**
 * Downloads a package with apt and unpacks it, without installing it and without touching apt's state on the host.
 *
 * @throws PackageError when the suite, the package or the version is not to be had
 */
export async function downloadDebianPackage(
  name: string,
  options: DownloadOptions,
): Promise<DownloadedPackage> {
  checkNames(name, options)
  await using apt = await PrivateApt.open(options)
  return await downloadWith(apt, name, options)
}

/** What a caller adds to a download. */
export interface DownloadSteps {
  /** Does what else there is to do before the download counts as whole; says which program it was for. */
  readonly prepare: (directory: string, final: string) => Promise<{ readonly program?: string | undefined }>
  /** Whether a download that is there already will do. */
  readonly isGood: (known: DownloadedPackage) => boolean
}

const noSteps: DownloadSteps = {
  prepare: async () => ({}),
  isGood: ({ root }) => existsSync(root),
}

/** The same with an apt that is open already. */
export async function downloadWith(
  apt: PrivateApt,
  name: string,
  options: DownloadOptions,
  steps: DownloadSteps = noSteps,
): Promise<DownloadedPackage> {
  const version = chooseVersion(name, await apt.versions(name), options)
  const known = await readDownload(versionDirectory(options.destination, version))
  if (known !== undefined && steps.isGood(known)) return known
  const [fetched] = await apt.fetch([`${name}=${version}`])
  if (fetched === undefined) throw new PackageError(`apt downloaded no file for ${name} ${version}`)
  return await placeDownload(
    options.destination,
    { name, version, suite: options.suite },
    async (directory, final) => {
      await unpackDebianPackage(fetched.file, await makePackageRoot(directory))
      return await steps.prepare(directory, final)
    },
  )
}

/** Puts the files of a package below a directory, with the owners that this user may give. */
export async function unpackDebianPackage(file: string, directory: string): Promise<void> {
  await runTool(['dpkg-deb', '--extract', file, directory])
}

/** Names become arguments, lines of a sources file and parts of paths. See Debian policy 5.6.1 and 5.6.12. */
export function checkNames(name: string, options: Pick<DownloadOptions, 'suite' | 'version'>): void {
  if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name))
    throw new PackageError(`'${name}' cannot be the name of a package`)
  if (options.suite !== undefined && !/^[a-z][a-z0-9.-]*$/.test(options.suite)) {
    throw new PackageError(`'${options.suite}' cannot be the name of a suite: use one such as trixie or sid`)
  }
  if (options.version !== undefined && !/^[0-9][A-Za-z0-9.+~:-]*$/.test(options.version)) {
    throw new PackageError(`'${options.version}' cannot be the version of a package: it begins with a digit`)
  }
}

/** The newest version that is what was asked for. */
export function chooseVersion(
  name: string,
  versions: readonly string[],
  { suite, version }: Pick<DownloadOptions, 'suite' | 'version'>,
): string {
  const newestFirst = versions.toSorted((one, other) => compareDebianVersions(other, one))
  const chosen = newestFirst.find((offered) => version === undefined || isVersion(offered, version))
  if (chosen !== undefined) return chosen
  const place = suite === undefined ? "the host's package sources have" : `the suite '${suite}' has`
  if (newestFirst.length === 0) throw new PackageError(`${place} no package ${name}: try another suite`)
  throw new PackageError(
    `${place} no ${name} ${version}, only ${newestFirst.join(', ')}: try another suite, such as trixie or sid`,
  )
}

/** Whether a full version is the wanted one: equal, or equal up to a place where version numbers divide. */
export function isVersion(full: string, wanted: string): boolean {
  if (full === wanted) return true
  const upstream = full.replace(/^\d+:/, '')
  return upstream === wanted || (upstream.startsWith(wanted) && /[.+~-]/.test(upstream.charAt(wanted.length)))
}
