// The package as a stranger gets it: packed, and installed by npm in a directory far from this checkout.
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { packageDirectory } from './host/index.ts'

/** How a command ended, with all that it printed. */
export interface Ended {
  readonly exitCode: number | undefined
  readonly all: string
}

/** A directory with the packed package, and projects beside it. */
export class Strangers {
  readonly #directory: string
  readonly #tarball: string

  private constructor(directory: string, tarball: string) {
    this.#directory = directory
    this.#tarball = tarball
  }

  static async pack(): Promise<Strangers> {
    const directory = await mkdtemp(join(tmpdir(), 'runwright-stranger-'))
    const packing = ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory]
    const { stdout } = await execa('npm', packing, { cwd: packageDirectory() })
    return new Strangers(directory, join(directory, stdout.trim()))
  }

  /** The files of the package. */
  async contents(): Promise<string[]> {
    const { stdout } = await execa('tar', ['--list', '--file', this.#tarball])
    return stdout.split('\n').map((path) => path.replace(/^package\//, ''))
  }

  /** A new directory for a project. */
  async project(name: string): Promise<string> {
    const project = join(this.#directory, name)
    await mkdir(project)
    return project
  }

  /** Lets every user pass through to the projects. */
  async open(): Promise<void> {
    await chmod(this.#directory, 0o711)
  }

  /** Installs the package, and others by name, in a project; npm's options go among them. */
  async install(project: string, ...others: readonly string[]): Promise<void> {
    await execa('npm', ['install', '--prefer-offline', this.#tarball, ...others], { cwd: project })
  }

  /** Runs a command in a project. What it is told by variables does not come from the vitest that runs this test. */
  async run(
    project: string,
    [command = '', ...args]: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const { exitCode, all } = await execa(command, args, {
      cwd: project,
      all: true,
      reject: false,
      stdin: 'ignore',
      env: { NO_COLOR: '1', XDG_CACHE_HOME: join(this.#directory, 'cache'), ...environment },
    })
    return { exitCode, all }
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}
