import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { distribution } from './distribution.ts'
import { RunwrightError } from './errors.ts'
import { runTool, ToolError } from './tool.ts'

/** The distribution's packages could not give what was asked for; the message says what to do. */
export class PackageError extends RunwrightError {
  override readonly code = 'PACKAGE_NOT_AVAILABLE'
}

/** A package file that apt fetched and verified. */
export interface DebianPackage {
  readonly name: string
  readonly version: string
  readonly file: string
}

interface Repository {
  readonly uri: string
  readonly securityUri: string
  readonly components: readonly string[]
  readonly keyring: string
  readonly keyringPackage: string
}

const repositories: Readonly<Record<string, Repository>> = {
  debian: {
    uri: 'http://deb.debian.org/debian',
    securityUri: 'http://deb.debian.org/debian-security',
    components: ['main'],
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    keyringPackage: 'debian-archive-keyring',
  },
  ubuntu: {
    uri: 'http://archive.ubuntu.com/ubuntu',
    securityUri: 'http://security.ubuntu.com/ubuntu',
    components: ['main', 'universe'],
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    keyringPackage: 'ubuntu-keyring',
  },
}

/** What apt is told to ignore, so that other tools' hooks do not act on the host because of us. */
const hooks = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'DPkg::Post-Invoke',
] as const

/**
 * apt with lists, cache, state and, where a suite is asked for, sources of its own in a temporary directory. It reads
 * the host's other settings (proxies, credentials) and changes nothing on the host. Signatures are always checked:
 * against the keyring of the distribution for a suite, else as the host's own sources say.
 *
 * Dispose of it to remove the directory.
 */
export class PrivateApt implements AsyncDisposable {
  readonly suite: string | undefined
  readonly #directory: string
  readonly #signal: AbortSignal | undefined
  /** Why some lists of the host's own sources could not be fetched. */
  #updateFailure: ToolError | undefined

  private constructor(directory: string, suite: string | undefined, signal: AbortSignal | undefined) {
    this.#directory = directory
    this.suite = suite
    this.#signal = signal
  }

  /**
   * Makes the directory and fetches the lists of packages.
   *
   * @param options.suite `trixie`, `sid`, `bookworm-backports` …; the host's own sources without one
   * @throws PackageError when this distribution has no such suite or it cannot be reached
   */
  static async open(options: {
    readonly suite?: string | undefined
    readonly signal?: AbortSignal | undefined
  }) {
    const directory = await mkdtemp(join(tmpdir(), `runwright-apt-${process.pid}-`))
    const apt = new PrivateApt(directory, options.suite, options.signal)
    try {
      await apt.#prepare()
      await apt.#update()
    } catch (error) {
      await apt[Symbol.asyncDispose]()
      throw error
    }
    return apt
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #prepare(): Promise<void> {
    // apt drops root for its downloads and must be able to pass through.
    await chmod(this.#directory, 0o755)
    for (const part of ['state', 'lists/partial', 'cache/archives/partial', 'log', 'none', 'download']) {
      await mkdir(join(this.#directory, part), { recursive: true })
    }
    await writeFile(join(this.#directory, 'apt.conf'), aptConfiguration(this.#directory, this.suite))
    if (this.suite === undefined) return
    await writeFile(join(this.#directory, 'suite.sources'), await sourcesOf(this.suite))
  }

  async #update(): Promise<void> {
    try {
      await this.#run(['apt-get', 'update'])
    } catch (cause) {
      // One dead third-party source of the host is no reason to give up: what is asked for may come from another.
      if (!(cause instanceof ToolError) || this.#signal?.aborted === true) throw cause
      this.#updateFailure = cause
      if (this.suite === undefined) return
      throw new PackageError(
        `the suite '${this.suite}' of ${distribution().title} could not be read: check its name and the network\n${cause.message}`,
        { cause },
      )
    }
    await this.#handDownloadsToSandbox()
  }

  /** Gives the download directory to the user that apt drops to, whom it made the owner of `partial`. */
  async #handDownloadsToSandbox(): Promise<void> {
    if (process.geteuid?.() !== 0) return
    const { uid, gid } = await stat(join(this.#directory, 'lists/partial'))
    await chown(join(this.#directory, 'download'), uid, gid)
  }

  /**
   * Versions of a package in these sources, as the lists give them.
   *
   * @throws PackageError when there are none and not all lists could be fetched
   */
  async versions(name: string): Promise<string[]> {
    const table = await this.#run(['apt-cache', 'madison', name])
    const versions = [...new Set(table.split('\n').flatMap((line) => line.split('|')[1]?.trim() ?? []))]
    if (versions.length > 0 || this.#updateFailure === undefined) return versions
    const { message } = this.#updateFailure
    throw new PackageError(
      `nothing is known of ${name}, as lists of packages could not be fetched\n${message}`,
      {
        cause: this.#updateFailure,
      },
    )
  }

  /** Packages of these sources whose names begin in this way. */
  async namesBeginningWith(prefix: string): Promise<string[]> {
    const names = await this.#run(['apt-cache', 'pkgnames', prefix])
    return names.split('\n').filter((name) => name !== '')
  }

  /** Packages that a package depends on, and those that these depend on; without purely virtual ones. */
  async dependencies(name: string): Promise<string[]> {
    const omitted = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
      (kind) => `--no-${kind}`,
    )
    const tree = await this.#run(['apt-cache', 'depends', '--recurse', ...omitted, name])
    const names = tree.split('\n').filter((line) => /^[a-z0-9]/.test(line) && line !== name)
    return [...new Set(names)]
  }

  /** Packages that would have to be installed on this host for one, itself among them. */
  async missingPackages(name: string): Promise<string[]> {
    const installed = ['-o', 'Dir::State::status=/var/lib/dpkg/status']
    const plan = await this.#run([
      'apt-get',
      ...installed,
      ...['install', '--simulate', '--no-install-recommends', name],
    ])
    return [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, missing]) => missing ?? [])
  }

  /**
   * Fetches packages without installing them.
   *
   * @param packages names, each with `=version` where it matters
   * @throws PackageError when one is not there
   */
  async fetch(packages: readonly string[]): Promise<DebianPackage[]> {
    const directory = await mkdtemp(join(this.#directory, 'download', 'set-'))
    const { uid, gid } = await stat(join(this.#directory, 'download'))
    await chown(directory, uid, gid)
    try {
      await this.#run(['apt-get', 'download', ...packages], directory)
    } catch (cause) {
      if (!(cause instanceof ToolError)) throw cause
      throw new PackageError(
        `${packages.join(', ')} could not be downloaded${this.#from()}\n${cause.message}`,
        { cause },
      )
    }
    const files = (await readdir(directory)).filter((name) => name.endsWith('.deb'))
    return await Promise.all(files.map(async (file) => await describePackage(join(directory, file))))
  }

  #from(): string {
    return this.suite === undefined ? " from the host's package sources" : ` from the suite '${this.suite}'`
  }

  async #run(command: readonly [string, ...string[]], workingDirectory = this.#directory): Promise<string> {
    const [program, ...args] = command
    const preferred = this.suite === undefined || program !== 'apt-get' ? [] : ['-t', this.suite]
    return await runTool([program, '-c', join(this.#directory, 'apt.conf'), ...preferred, ...args], {
      workingDirectory,
      signal: this.#signal,
    })
  }
}

async function describePackage(file: string): Promise<DebianPackage> {
  const fields = await runTool(['dpkg-deb', '--field', file, 'Package', 'Version'])
  const value = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(fields)?.[1] ?? ''
  return { name: value('Package'), version: value('Version'), file }
}

/** See apt.conf(5). It is read after the host's own files, so it wins over them. */
function aptConfiguration(directory: string, suite: string | undefined): string {
  const settings: readonly (readonly [string, string])[] = [
    ['Dir::State', join(directory, 'state')],
    ['Dir::State::lists', join(directory, 'lists')],
    ['Dir::State::status', '/dev/null'],
    ['Dir::Cache', join(directory, 'cache')],
    ['Dir::Log', join(directory, 'log')],
    ['Acquire::Languages', 'none'],
    ['Acquire::Retries', '2'],
    ['Acquire::http::Timeout', '30'],
    ['Acquire::https::Timeout', '30'],
    ['Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled', 'false'],
    ['APT::Update::Error-Mode', 'any'],
    ...(suite === undefined ? [] : ownSources(directory)),
  ]
  return [
    ...hooks.map((hook) => `#clear ${hook};`),
    ...settings.map(([name, value]) => `${name} "${value}";`),
    '',
  ].join('\n')
}

function ownSources(directory: string): [string, string][] {
  return [
    ['Dir::Etc::sourcelist', join(directory, 'suite.sources')],
    ['Dir::Etc::sourceparts', join(directory, 'none')],
    ['Dir::Etc::preferences', '/dev/null'],
    ['Dir::Etc::preferencesparts', join(directory, 'none')],
  ]
}

/** The suite and what its packages build on, as one entry of sources.list(5) in its deb822 form. */
async function sourcesOf(suite: string): Promise<string> {
  const { id, like, title } = distribution()
  const repository = [id, ...like].map((name) => repositories[name]).find((found) => found !== undefined)
  if (repository === undefined) {
    throw new PackageError(
      `${title} has no suites known here: leave the suite out to use its own package sources`,
    )
  }
  if (!existsSync(repository.keyring)) {
    throw new PackageError(`${repository.keyring} is missing: install ${repository.keyringPackage}`)
  }
  const mirror = await hostMirror()
  return baseSuites(suite)
    .map((name) =>
      [
        'Types: deb',
        `URIs: ${name.endsWith('-security') ? repository.securityUri : (mirror ?? repository.uri)}`,
        `Suites: ${name}`,
        `Components: ${repository.components.join(' ')}`,
        `Signed-By: ${repository.keyring}`,
        '',
      ].join('\n'),
    )
    .join('\n')
}

/** Some suites hold only what differs from another. */
export function baseSuites(suite: string): readonly string[] {
  const [, base] =
    /^(.+?)-(?:backports|backports-sloppy|updates|proposed-updates|security)$/.exec(suite) ?? []
  if (base !== undefined) return [suite, base]
  return suite === 'experimental' || suite === 'rc-buggy' ? [suite, 'sid'] : [suite]
}

/** Where the host itself gets its release from, which may be a mirror close by, or the only one it can reach. */
async function hostMirror(): Promise<string | undefined> {
  const { codename } = distribution()
  const format = '$(RELEASE) $(COMPONENT) $(REPO_URI)'
  const listing = await runTool([
    'apt-get',
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
  ]).catch(() => '')
  const targets = listing.split('\n').map((line) => line.split(' '))
  return targets.find(([release, component]) => release === codename && component === 'main')?.[2]
}
