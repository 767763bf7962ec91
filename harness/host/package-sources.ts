import { downloadDebianPackage } from './debian-packages.ts'
import type { DownloadedPackage, DownloadOptions } from './downloads.ts'
import { findProgram } from './find-program.ts'
import { PackageError } from './private-apt.ts'
import { runTool, ToolError } from './tool.ts'

/** The distribution's package manager. */
export interface PackageSource {
  readonly name: string
  /** Whether `download` works with it. */
  readonly canDownload: boolean
  /** The package that brings a program here: `busybox-static` for `busybox`; undefined where none is known to. */
  packageOf(program: string): string | undefined
  /** The command that installs packages, for telling a user. */
  installCommand(packages: readonly string[]): readonly string[]
  /**
   * Installs packages on the host; the lists of packages are fetched anew if that is what is wrong.
   *
   * @throws PackageError without root, or with what the package manager said
   */
  install(packages: readonly string[], options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Gets a package without installing it, into a directory of its own below `destination`; of several calls for the
   * same version all but the first find it there.
   *
   * @throws PackageError when this package manager cannot, or the package is not to be had
   */
  download(name: string, options: DownloadOptions): Promise<DownloadedPackage>
}

interface Manager {
  readonly name: string
  readonly program: string
  readonly install: readonly string[]
  readonly refresh?: readonly string[]
  /** Programs that not every distribution packages, or under another name. */
  readonly packages: Readonly<Record<string, string>>
  readonly download?: PackageSource['download']
}

/** Programs that all of them package under their own name. */
const packagedEverywhere = ['runc', 'crun', 'patchelf', 'tar', 'criu'] as const

const managers: readonly Manager[] = [
  {
    name: 'apt',
    program: 'apt-get',
    install: ['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'install', '--yes', '--no-install-recommends'],
    refresh: ['apt-get', 'update'],
    packages: { busybox: 'busybox-static', runsc: 'runsc' },
    download: downloadDebianPackage,
  },
  {
    name: 'dnf',
    program: 'dnf',
    install: ['dnf', 'install', '--assumeyes', '--setopt=install_weak_deps=False'],
    packages: { busybox: 'busybox' },
  },
  {
    name: 'zypper',
    program: 'zypper',
    install: ['zypper', '--non-interactive', 'install', '--no-recommends'],
    refresh: ['zypper', '--non-interactive', 'refresh'],
    packages: { busybox: 'busybox-static' },
  },
  {
    name: 'apk',
    program: 'apk',
    install: ['apk', 'add', '--no-progress'],
    refresh: ['apk', 'update'],
    packages: { busybox: 'busybox-static' },
  },
  {
    name: 'pacman',
    program: 'pacman',
    install: ['pacman', '--sync', '--needed', '--noconfirm'],
    refresh: ['pacman', '--sync', '--refresh'],
    packages: { busybox: 'busybox' },
  },
]

/** The package manager of this host: the first of those we know that is installed. */
export function systemPackageSource(): PackageSource | undefined {
  const manager = managers.find(({ program }) => findProgram(program) !== undefined)
  return manager && packageSource(manager)
}

/** A package manager by name, whether or not this host has it. */
export function packageSourceNamed(name: string): PackageSource | undefined {
  const manager = managers.find((known) => known.name === name)
  return manager && packageSource(manager)
}

function packageSource(manager: Manager): PackageSource {
  const installCommand = (packages: readonly string[]): readonly string[] => [...manager.install, ...packages]
  return {
    name: manager.name,
    canDownload: manager.download !== undefined,
    packageOf: (program) =>
      manager.packages[program] ?? packagedEverywhere.find((known) => known === program),
    installCommand,
    install: async (packages, options = {}) => {
      await install(manager, installCommand(packages), options.signal)
    },
    download: async (name, options) => {
      if (manager.download === undefined) {
        throw new PackageError(
          `${manager.name} is not supported for getting ${name} without installing it: install it`,
        )
      }
      return await manager.download(name, options)
    },
  }
}

async function install(
  manager: Manager,
  command: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (process.geteuid?.() !== 0) {
    throw new PackageError(`installing a package needs root: run \`sudo ${command.join(' ')}\``)
  }
  const options = { signal, environment: { DEBIAN_FRONTEND: 'noninteractive' } }
  try {
    await runTool(command, options)
  } catch (cause) {
    if (!(cause instanceof ToolError) || manager.refresh === undefined || signal?.aborted === true)
      throw cause
    // A fresh machine image has no lists of packages, an old one stale ones.
    await runTool(manager.refresh, options)
      .then(async () => await runTool(command, options))
      .catch(asPackageError)
  }
}

function asPackageError(cause: unknown): never {
  if (!(cause instanceof ToolError)) throw cause
  throw new PackageError(cause.message, { cause })
}
