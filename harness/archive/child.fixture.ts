import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Compiles our sources as they are imported: Node 20 runs no TypeScript. */
const hooks = `
import { readFile } from 'node:fs/promises'
import typescript from '${import.meta.resolve('typescript')}'
const compilerOptions = { target: 'es2022', module: 'esnext' }
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return await next(url, context)
  const { outputText } = typescript.transpileModule(String(await readFile(new URL(url))), { compilerOptions })
  return { format: 'module', source: outputText, shortCircuit: true }
}`

const asModule = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`
const loader = asModule(
  `import { register } from 'node:module'; register(${JSON.stringify(asModule(hooks))})`,
)

export interface ChildOptions {
  /** User and group to run as; only root can choose. */
  readonly user?: number
}

/**
 * Runs the body of an async function in a process of its own.
 *
 * @param body statements that may use `unpack`, `store` and `catalogue` (the modules of these names) and `argument`,
 * and return something that JSON can carry. What they throw arrives as `{ failed: code }`.
 */
export async function inChild(
  body: string,
  argument: unknown,
  { user }: ChildOptions = {},
): Promise<unknown> {
  const modules = ['unpack', 'store', 'catalogue'].map(
    (name) => `const ${name} = await import(${JSON.stringify(new URL(`${name}.ts`, import.meta.url).href)})`,
  )
  const program = `
${modules.join('\n')}
const argument = ${JSON.stringify(argument)}
const result = await (async () => { ${body} })().catch((error) => ({ failed: error.code, message: error.message }))
process.stdout.write(JSON.stringify(result ?? null))`
  const identity = user === undefined ? {} : { uid: user, gid: user }
  const args = ['--import', loader, '--input-type=module', '--eval', program]
  const { stdout } = await run(process.execPath, args, { ...identity, cwd: '/' })
  return JSON.parse(stdout)
}

/** Why tests that run our sources as an ordinary user cannot run, or undefined when they can. */
export async function whyNotAsOrdinaryUser(): Promise<string | undefined> {
  if (process.geteuid?.() !== 0) return 'becomes an ordinary user: run it as root'
  const result = await inChild('return "ran"', undefined, { user: ordinaryUser }).catch(() => undefined)
  return result === 'ran'
    ? undefined
    : 'an ordinary user cannot read this checkout: move it where everybody may read'
}

export const ordinaryUser = 65_534
