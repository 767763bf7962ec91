import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { ArchiveToolError } from './errors.ts'

/** How a program ended, and what it complained about. */
export interface ProgramEnd {
  /** undefined when a signal ended it. */
  readonly exitCode: number | undefined
  /** The beginning of its standard error: a hostile archive can make a program complain without end. */
  readonly complaints: string
}

/** A started program whose input and output are at hand. Its output must be read for it to end. */
export interface RunningProgram {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Settled when it has ended and its output has been taken; never rejected. */
  readonly ended: Promise<ProgramEnd>
  /** Ends it at once, if it has not ended. */
  kill(): void
}

export interface ProgramOptions {
  /** The archive at work, for errors. */
  readonly archive: string
  readonly workingDirectory?: string
}

/** Settings of users that would change what these programs do. */
const unset = new Set([
  'TAR_OPTIONS',
  'POSIXLY_CORRECT',
  'TAPE',
  'GZIP',
  'BZIP2',
  'BZIP',
  'XZ_OPT',
  'XZ_DEFAULTS',
  'ZSTD_CLEVEL',
])

/** Packages that hold the programs, where they are not called the same. */
const packages: Readonly<Record<string, string>> = {
  xz: 'xz-utils (xz on other distributions)',
  cp: 'coreutils',
}

const longestComplaint = 8192

/**
 * Starts a program with messages in English and without the user's default options.
 *
 * @throws ArchiveToolError when it is not installed.
 */
export async function startProgram(
  [file, ...args]: readonly [string, ...string[]],
  { archive, workingDirectory = '/' }: ProgramOptions,
): Promise<RunningProgram> {
  const child = spawn(file, args, { cwd: workingDirectory, env: environment() })
  const failure = new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve))
  // Where it could not be started it may lack its streams, too.
  if (child.pid === undefined) {
    const cause = await failure
    throw cause.code === 'ENOENT' ? missingProgram(archive, file) : cause
  }
  // A program that ends early closes its input; its exit code says why, not the broken pipe.
  child.stdin.on('error', () => undefined)
  const complaints = readBeginning(child.stderr)
  const closed = once(child, 'close')
  const ended = closed.then(async ([exitCode]) => ({
    exitCode: typeof exitCode === 'number' ? exitCode : undefined,
    complaints: await complaints,
  }))
  return { stdin: child.stdin, stdout: child.stdout, ended, kill: () => void child.kill('SIGKILL') }
}

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !unset.has(name))
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' }
}

function missingProgram(archive: string, program: string): ArchiveToolError {
  const name = packages[program] ?? program
  return new ArchiveToolError(
    archive,
    `the program ${program} is needed and is not installed: install the package ${name}`,
  )
}

async function readBeginning(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    if (text.length < longestComplaint) text += String(chunk)
  }
  return text.slice(0, longestComplaint)
}

let foundTar: string | undefined

/**
 * The name of GNU tar on this host. Another tar does not keep what GNU tar keeps, nor refuse what it refuses.
 *
 * @throws ArchiveToolError when there is none.
 */
export async function gnuTar(archive: string): Promise<string> {
  foundTar ??= await findGnuTar(archive)
  return foundTar
}

async function findGnuTar(archive: string): Promise<string> {
  for (const name of ['tar', 'gtar']) {
    const version = await firstLine(name, archive)
    if (version.includes('GNU tar')) return name
  }
  throw new ArchiveToolError(
    archive,
    'unpacking needs GNU tar, which is not installed: install the package tar',
  )
}

async function firstLine(program: string, archive: string): Promise<string> {
  try {
    const running = await startProgram([program, '--version'], { archive })
    running.stdin.end()
    const output = await readBeginning(running.stdout)
    await running.ended
    return output.split('\n')[0] ?? ''
  } catch (error) {
    if (error instanceof ArchiveToolError) return ''
    throw error
  }
}
