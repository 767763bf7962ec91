import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RunwrightError } from './errors.ts'
import { placeInMemory } from './place-in-memory.ts'

/** A directory the harness must trust could be changed by somebody else; nothing was written there. */
export class UnsafeDirectoryError extends RunwrightError {
  override readonly code = 'UNSAFE_DIRECTORY'
}

/** A part of the installed package is not where it belongs, so a worker or child program cannot be started. */
export class IncompletePackageError extends RunwrightError {
  override readonly code = 'INCOMPLETE_PACKAGE'
}

/** Where the harness keeps its things; all absolute, none of them made yet. */
export interface HomeDirectories {
  /** Built and unpacked root file systems, and programs downloaded without being installed. */
  readonly archives: string
  /** Bundles of the default registry. */
  readonly bundles: string
  /** Records of running sessions, and their files; in memory, where there is a place that programs can be run from. */
  readonly sessions: string
}

const packageName = 'runwright'
let foundPackage: string | undefined

/**
 * The directory that holds this package's package.json, whether this file runs as TypeScript from a checkout or
 * compiled from dist/.
 *
 * @throws IncompletePackageError when no directory above this file is the package.
 */
export function packageDirectory(): string {
  foundPackage ??= findPackage(dirname(fileURLToPath(import.meta.url)))
  return foundPackage
}

function findPackage(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (isPackage(directory)) return directory
    if (directory === dirname(directory)) {
      throw new IncompletePackageError(`no package.json of ${packageName} above ${start}: install it again`)
    }
  }
}

function isPackage(directory: string): boolean {
  const manifest = join(directory, 'package.json')
  if (!existsSync(manifest)) return false
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
  return typeof content === 'object' && content !== null && 'name' in content && content.name === packageName
}

/**
 * The compiled form of a module of ours, for a worker thread or a child program: those are started by path and
 * cannot run the TypeScript sources that vitest runs us from.
 *
 * @param relative path from the package, as in `harness/guard/reaper-program.js` (`.ts` is taken as `.js`).
 * @throws IncompletePackageError when it has not been compiled.
 */
export function programPath(relative: string): string {
  const path = join(packageDirectory(), 'dist', relative.replace(/\.ts$/, '.js'))
  if (!existsSync(path)) {
    throw new IncompletePackageError(`${path} is missing: run \`npm run build\` in ${packageDirectory()}`)
  }
  return path
}

/**
 * Where archives, bundles and sessions live for this user. A checkout keeps archives and bundles in its own folders;
 * an installed package in the user's cache (XDG Base Directory Specification), or for root in that of the system
 * (Filesystem Hierarchy Standard): containers of mapped users cannot pass through root's home. `RUNWRIGHT_HOME`
 * overrides both, `RUNWRIGHT_SESSIONS` the third.
 */
export function homeDirectories(): HomeDirectories {
  const home = variable('RUNWRIGHT_HOME') ?? (isInstalled() ? userCache() : packageDirectory())
  return { archives: join(home, 'archives'), bundles: join(home, 'bundles'), sessions: sessionsDirectory() }
}

function isInstalled(): boolean {
  return packageDirectory().split(sep).includes('node_modules')
}

function userCache(): string {
  const ownCache = effectiveUser() === 0 ? '/var/cache' : join(homedir(), '.cache')
  return join(variable('XDG_CACHE_HOME') ?? ownCache, packageName)
}

function sessionsDirectory(): string {
  const chosen = variable('RUNWRIGHT_SESSIONS')
  if (chosen !== undefined) return chosen
  if (effectiveUser() === 0 && existsSync('/run')) return join(placeInMemory() ?? '/run', packageName)
  const runtimeDirectory = variable('XDG_RUNTIME_DIR')
  if (runtimeDirectory !== undefined) return join(runtimeDirectory, packageName)
  return join(tmpdir(), `${packageName}-${effectiveUser()}`)
}

/** A directory named by the environment, absolute; an empty value counts as unset. */
function variable(name: string): string | undefined {
  const value = process.env[name]
  return value === undefined || value === '' ? undefined : resolve(value)
}

/**
 * Makes a directory that nobody else can write to (mode 0700, parents included where they are missing), or accepts
 * an existing one that is as safe.
 *
 * Refused are: anything but a real directory (so also a symbolic link), another user's directory, one that group or
 * others may write to, and, for root, one with a parent where anybody can swap names (writable by others, not sticky).
 * The user and group that can change this package's own code count as ourselves: they lose nothing by it.
 *
 * @throws UnsafeDirectoryError when it is refused.
 */
export function ensurePrivateDirectory(path: string): void {
  const absolute = resolve(path)
  if (effectiveUser() === 0) refuse(absolute, flawOfParents(absolute))
  try {
    mkdirSync(absolute, { recursive: true, mode: 0o700 })
  } catch (cause) {
    if (!isNamed(cause, 'EEXIST')) throw cause
  }
  refuse(absolute, flawOf(lstatSync(absolute)))
}

function refuse(path: string, flaw: string | undefined): void {
  if (flaw === undefined) return
  throw new UnsafeDirectoryError(`${path} ${flaw}: remove it or choose another directory`)
}

function flawOf(stats: Stats): string | undefined {
  if (stats.isSymbolicLink()) return 'is a symbolic link, which whoever made it can point anywhere'
  if (!stats.isDirectory()) return 'is not a directory'
  const code = statSync(packageDirectory())
  if (![0, effectiveUser(), code.uid].includes(stats.uid)) return `belongs to user ${stats.uid}`
  if ((stats.mode & 0o002) !== 0) return 'can be written by everybody'
  const sharesCode = (code.mode & 0o020) !== 0 && code.gid === stats.gid
  if ((stats.mode & 0o020) !== 0 && !sharesCode) return `can be written by group ${stats.gid}`
  return undefined
}

function flawOfParents(path: string): string | undefined {
  let parent = realpathSync(nearestExisting(dirname(path)))
  for (;;) {
    const { mode } = statSync(parent)
    if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
      return `lies in ${parent}, where everybody can replace it (mode ${(mode & 0o7777).toString(8)})`
    }
    if (parent === dirname(parent)) return undefined
    parent = dirname(parent)
  }
}

/** The path itself, or the nearest directory above it that exists. */
export function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path))
}

function effectiveUser(): number {
  return process.geteuid?.() ?? 0
}

function isNamed(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
