import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cgroupLayout, findProgram } from '../host/index.ts'
import { loadSpec, profileOf, referenceSpec, type Spec, stringifyJson } from '../spec/index.ts'
import type { CallOptions } from './commands.ts'
import { RuntimeError, RuntimeNotFoundError } from './errors.ts'
import { programIdentity } from './program-identity.ts'
import type { Runtime } from './runtime.ts'
import { parseVersion } from './version.ts'

/** The configuration that bundles start from. */
export interface ReferenceSpec {
  /** The caller's own copy. */
  readonly spec: Spec
  /** `runtime`: what its own `spec` command wrote. `built-in`: the harness's, because it wrote none. */
  readonly origin: 'runtime' | 'built-in'
  /** Why it is the built-in one. */
  readonly reason: string | undefined
}

export interface ReferenceSpecOptions extends CallOptions {
  /** Where what runtimes wrote is kept; made when needed. */
  readonly directory: string
  /** For unprivileged users (`spec --rootless`). */
  readonly rootless?: boolean
  /** What the runtime prints for `--version`, where that is known: a script is asked for it otherwise. */
  readonly version?: string | undefined
}

/**
 * The reference spec of a runtime. Its `spec` command runs once for a program: the answer is kept in `directory` under
 * the digest of what identifies the program's file and of what else decides it (global options, prefix, cgroup layout,
 * user).
 *
 * @throws RuntimeNotFoundError; RuntimeError when the command was stopped or could not be started
 */
export async function referenceSpecOf(
  runtime: Runtime,
  options: ReferenceSpecOptions,
): Promise<ReferenceSpec> {
  const file = join(options.directory, `${await keyOf(runtime, options)}.json`)
  const kept = await keptSpec(file)
  if (kept !== undefined) return { spec: kept, origin: 'runtime', reason: undefined }
  try {
    const spec = await runtime.spec(options)
    await keep(file, spec)
    return { spec, origin: 'runtime', reason: undefined }
  } catch (error) {
    if (!(error instanceof RuntimeError) || !isAnswer(error)) throw error
    return { spec: await builtIn(runtime, options), origin: 'built-in', reason: error.message }
  }
}

/** Whether the runtime itself says by this that it has no `spec`, as opposed to having been kept from saying anything. */
function isAnswer({ code }: RuntimeError): boolean {
  return code === 'RUNTIME_EXITED' || code === 'RUNTIME_OUTPUT' || code === 'RUNTIME_SIGNALED'
}

async function keyOf(runtime: Runtime, { rootless = false, version }: ReferenceSpecOptions): Promise<string> {
  const program = findProgram(runtime.program)
  if (program === undefined)
    throw new RuntimeNotFoundError(`${runtime.program} is no executable file any more`)
  const { prefix, arguments: words } = runtime
  const behind = (await isScript(program)) ? (version ?? (await runtime.command(['--version'])).stdout) : ''
  const circumstances = [
    programIdentity(program),
    prefix,
    words,
    rootless,
    process.geteuid?.(),
    process.getegid?.(),
    cgroupLayout().kind,
    behind,
  ]
  return createHash('sha256').update(JSON.stringify(circumstances)).digest('hex')
}

/** Whether another program may stand behind it, which can change while the script stays the same. */
async function isScript(program: string): Promise<boolean> {
  const file = await open(program)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.toString('latin1') === '#!'
  } finally {
    await file.close()
  }
}

/** What is kept; a file that cannot be read is as good as none. */
async function keptSpec(file: string): Promise<Spec | undefined> {
  try {
    return await loadSpec(file, { semantics: false })
  } catch {
    return undefined
  }
}

async function keep(file: string, spec: Spec): Promise<void> {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  try {
    await writeFile(unfinished, stringifyJson(spec), { flag: 'wx', mode: 0o600 })
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

/** A version of the specification that every runtime accepts. */
const humbleVersion = '1.0.0'

async function builtIn(runtime: Runtime, { rootless = false }: ReferenceSpecOptions): Promise<Spec> {
  const { stdout } = await runtime.command(['--version'])
  const { name, version } = parseVersion(stdout)
  const profile = name === undefined || version === undefined ? undefined : profileOf(name, version)
  const cgroup = cgroupLayout().kind
  if (profile !== undefined) return referenceSpec({ profile, cgroup, rootless })
  return referenceSpec({ profile: 'runc-1.1', cgroup, rootless, ociVersion: humbleVersion })
}
