import {
  describeProgram,
  downloadProgram,
  findDownloadedProgram,
  findProgram,
  inspectProgram,
  PackageError,
  systemPackageSource,
} from '../../host/index.ts'
import { BusyboxNotFoundError } from '../errors.ts'

/** Names under which distributions install a static busybox. */
const names = ['busybox', 'busybox.static', 'busybox-static'] as const

export interface FindBusyboxOptions {
  /** Paths of programs to look at first; those installed on the host without it. */
  readonly installed?: readonly string[]
  /** Gets the path of a busybox when none of those is static; from the distribution's packages without it. */
  readonly download?: (options: { readonly signal?: AbortSignal | undefined }) => Promise<string>
  readonly signal?: AbortSignal | undefined
}

/**
 * The path of a busybox that needs no libraries: the host's if it has a static one (its ELF header tells, not its
 * name), else one from the distribution's packages, downloaded without installing it.
 *
 * @param archive name of the archive it is for, for errors
 * @throws BusyboxNotFoundError with what to do.
 */
export async function findBusybox(archive: string, options: FindBusyboxOptions = {}): Promise<string> {
  const { installed = installedPaths(), download = downloadBusybox, signal } = options
  const found = installed.find(isStatic)
  if (found !== undefined) return found
  const downloaded = await download({ signal }).catch((cause) => {
    if (!(cause instanceof PackageError)) throw cause
    throw new BusyboxNotFoundError(
      archive,
      `no static busybox on this host, and none to download. ${cause.message}`,
      { cause },
    )
  })
  if (isStatic(downloaded)) return downloaded
  const report = inspectProgram(downloaded)
  const why = report.kind === 'runs' ? 'needs libraries' : describeProgram(report)
  throw new BusyboxNotFoundError(archive, `the downloaded ${downloaded} ${why}: ${remedy()}`)
}

function installedPaths(): readonly string[] {
  return names.map(findProgram).filter((path) => path !== undefined)
}

function isStatic(path: string): boolean {
  const report = inspectProgram(path)
  return report.kind === 'runs' && report.linkage === 'static'
}

/** What was downloaded before serves again, so that a host without network works from then on. */
async function downloadBusybox({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<string> {
  const known = await findDownloadedProgram('busybox')
  if (known !== undefined && isStatic(known.path)) return known.path
  const source = systemPackageSource()
  if (source?.canDownload !== true) throw new PackageError(`To get one, ${remedy()}`)
  const packageName = source.packageOf('busybox') ?? 'busybox'
  return (await downloadProgram('busybox', { packageName, ...(signal === undefined ? {} : { signal }) })).path
}

function remedy(): string {
  const source = systemPackageSource()
  const name = source?.packageOf('busybox')
  if (source === undefined || name === undefined) return 'install a statically linked busybox'
  return `run: ${source.installCommand([name]).join(' ')}`
}
