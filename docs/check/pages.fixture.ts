import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { packageDirectory, until } from '../../harness/host/index.ts'
import { type Ended, Strangers } from '../../harness/packed-package.fixture.ts'
import type { Example } from './blocks.ts'

/** A runtime that is runc but for one thing: it knows the state of containers that do not exist. */
const runtimeScript = `#!/bin/sh
for word in "$@"; do
  if [ "$word" = state ]; then
    runc "$@" 2> /dev/null || echo '{}'
    exit
  fi
done
exec runc "$@"
`

/** Stands in for sudo, which not every machine has: these tests are root already. */
const sudoScript = `#!/bin/sh
[ "$1" = -E ] && shift
exec env "$@"
`

/** The repository of a runtime in which the packed package is installed, with a directory for each document. */
export class Repository {
  readonly #strangers: Strangers
  readonly #directory: string

  private constructor(strangers: Strangers, directory: string) {
    this.#strangers = strangers
    this.#directory = directory
  }

  static async make(): Promise<Repository> {
    const strangers = await Strangers.pack()
    const repository = new Repository(strangers, await strangers.project('repository'))
    // Containers with a user namespace pass through here on the way to their root file system.
    chmodSync(dirname(repository.#directory), 0o755)
    repository.#write('package.json', '{ "name": "my-runtime", "type": "module", "private": true }\n')
    repository.#write('programs/sudo', sudoScript, 0o755)
    await strangers.install(repository.#directory, 'vitest@4', 'typescript@6', '@types/node@20')
    return repository
  }

  /** A directory of its own for one document, with the runtime in it. */
  place(page: string): string {
    const name = page.replaceAll('/', '-').replace('.md', '')
    const place = join(this.#directory, name)
    if (existsSync(place)) return place
    this.#write(`${name}/build/my-runtime`, runtimeScript, 0o755)
    this.#write(`${name}/deviations.json`, '[]\n')
    return place
  }

  /** A copy of this checkout's sources, without what is installed and built. */
  async copyCheckout(): Promise<string> {
    const copy = join(this.#directory, 'checkout')
    if (existsSync(copy)) return copy
    const checkout = packageDirectory().replace(/\/$/, '')
    const leftOut = /^\/((node_modules|dist|output|\.git)$|(archives|bundles)\/[^R])/
    const filter = (source: string) => !leftOut.test(source.slice(checkout.length))
    await cp(checkout, copy, { recursive: true, filter })
    return copy
  }

  /** Runs a line of shell as somebody does who works in that directory. */
  async run(line: string, directory: string): Promise<Ended> {
    return await this.#strangers.run(directory, ['bash', '-c', line], {
      PATH: `${this.#directory}/programs:${process.env['PATH']}`,
      RUNWRIGHT_SESSIONS: this.#sessions,
    })
  }

  /** Runs an example: tests by vitest, a program as JavaScript, which newer Node does by itself. */
  async runExample({ page, code, file, kind }: Example): Promise<Ended> {
    const place = this.place(page)
    this.#write(join(relative(this.#directory, place), file), code)
    if (kind === 'module') return { exitCode: 0, all: '' }
    if (kind === 'tests') return await this.run(`npx vitest run ${file}`, place)
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    })
    const program = file.replace(/\.ts$/, '.js')
    writeFileSync(join(place, program), outputText)
    return await this.run(`node ${program}`, place)
  }

  /** Has a strict compiler look at examples. */
  async checkTypes(examples: readonly Example[]): Promise<Ended> {
    const files = examples.map(({ page, file, code }) => {
      const path = join('types', page.replaceAll(/[/.]/g, '-'), file)
      this.#write(path, code)
      return path
    })
    const options = '--noEmit --strict --module nodenext --target es2023 --lib es2023,esnext.disposable'
    const others = '--types node --skipLibCheck --allowImportingTsExtensions'
    return await this.run(`npx tsc ${options} ${others} ${files.join(' ')}`, this.#directory)
  }

  get #sessions(): string {
    return join(this.#directory, 'sessions')
  }

  #write(file: string, text: string, mode = 0o644): void {
    const path = join(this.#directory, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode })
  }

  /** Removes it, once the reapers of the examples' sessions have done their work. */
  async remove(): Promise<void> {
    const what = 'the sessions of all documents to be cleaned'
    await until(() => !existsSync(this.#sessions) || readdirSync(this.#sessions).length === 0, {
      timeoutMs: 60_000,
      what,
    })
    await this.#strangers.remove()
  }
}
