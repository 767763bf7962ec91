import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { packageDirectory } from '../host/index.ts'

const run = promisify(execFile)

/** What the archive folder imports, and itself. */
const folders = ['harness/host', 'harness/archive'] as const

let compiled: Promise<string> | undefined

/** Our sources as JavaScript, which Node 20 needs, compiled once for all children of a test file. */
async function compile(): Promise<string> {
  const { default: typescript } = await import('typescript')
  const checkout = packageDirectory()
  const directory = mkdtempSync(join(tmpdir(), 'runwright-compiled-'))
  writeFileSync(join(directory, 'package.json'), readFileSync(join(checkout, 'package.json')))
  symlinkSync(join(checkout, 'node_modules'), join(directory, 'node_modules'))
  const compilerOptions = { target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.ESNext }
  for (const folder of folders) {
    for (const file of readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.(?:test|fixture)\.ts$/.test(file)) continue
      const { outputText } = typescript.transpileModule(readFileSync(join(checkout, folder, file), 'utf8'), {
        compilerOptions: { ...compilerOptions, rewriteRelativeImportExtensions: true },
      })
      const target = join(directory, folder, file.replace(/\.ts$/, '.js'))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, outputText)
    }
  }
  await run('chmod', ['-R', 'a+rX', directory])
  return directory
}

/** To be called after all tests of a file that starts children. */
export async function removeCompiled(): Promise<void> {
  if (compiled !== undefined) rmSync(await compiled, { recursive: true, force: true })
}

export interface ChildOptions {
  /** User and group to run as; only root can choose. */
  readonly user?: number
}

/**
 * Runs the body of an async function in a process of its own.
 *
 * @param body statements that may use `archives` (the folder's public face) and `argument`, and return something that
 * JSON can carry. What they throw arrives as `{ failed: code, message }`.
 */
export async function inChild(
  body: string,
  argument: unknown,
  { user }: ChildOptions = {},
): Promise<unknown> {
  compiled ??= compile()
  const face = pathToFileURL(join(await compiled, 'harness/archive/index.js')).href
  const program = `
const archives = await import(${JSON.stringify(face)})
const argument = ${JSON.stringify(argument)}
const result = await (async () => { ${body} })().catch((error) => ({ failed: error.code, message: error.message }))
process.stdout.write(JSON.stringify(result ?? null))`
  const identity = user === undefined ? {} : { uid: user, gid: user }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    ...identity,
    cwd: '/',
    // Without the options that vitest starts its own processes with.
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  return JSON.parse(stdout)
}

export const ordinaryUser = 65_534

/** Why tests that run our sources as an ordinary user cannot run, or undefined when they can. */
export async function whyNotAsOrdinaryUser(): Promise<string | undefined> {
  if (process.geteuid?.() !== 0) return 'becomes an ordinary user: run it as root'
  const result = await inChild('return "ran"', undefined, { user: ordinaryUser }).catch(() => undefined)
  return result === 'ran'
    ? undefined
    : 'an ordinary user cannot read this checkout: move it where everybody may read'
}
