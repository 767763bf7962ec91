import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { DamagedProgramError, type ElfFile, type RequiredVersion, readElf } from './elf.ts'
import { findLibraries } from './library-search.ts'

/** How a program that runs gets its libraries; unknown when it may be started but not read. */
export type Linkage = 'static' | 'dynamic' | 'script' | 'unknown'

/** Whether this host can start a program, found out by reading it, not by starting it. */
export type ProgramReport =
  | { readonly kind: 'runs'; readonly path: string; readonly linkage: Linkage }
  /** Versions without their prefix: built for `needs` ('2.38') while this host `has` ('2.36'). */
  | { readonly kind: 'needs-newer-libc'; readonly path: string; readonly needs: string; readonly has: string }
  | { readonly kind: 'missing-library'; readonly path: string; readonly names: readonly string[] }
  | { readonly kind: 'other-architecture'; readonly path: string; readonly is: string; readonly host: string }
  | { readonly kind: 'not-executable'; readonly path: string; readonly reason: string }
  | { readonly kind: 'missing'; readonly path: string }

interface Architecture {
  readonly name: string
  readonly machine: number
  /** Other machines whose programs this one's kernels run as well. */
  readonly also: readonly number[]
}

const architectures: Readonly<Record<string, Architecture>> = {
  arm: { name: 'arm', machine: 40, also: [] },
  arm64: { name: 'aarch64', machine: 183, also: [] },
  ia32: { name: 'i386', machine: 3, also: [] },
  loong64: { name: 'loongarch64', machine: 258, also: [] },
  ppc64: { name: 'ppc64', machine: 21, also: [] },
  riscv64: { name: 'riscv64', machine: 243, also: [] },
  s390x: { name: 's390x', machine: 22, also: [] },
  x64: { name: 'x86_64', machine: 62, also: [3] },
}

/**
 * Tells whether this host can start a program: that it is there, executable, for this machine, and that the loader
 * will find its libraries in the versions it was built for. Scripts are judged by their interpreter.
 */
export function inspectProgram(path: string): ProgramReport {
  if (!existsSync(path)) return { kind: 'missing', path }
  if (!statSync(path).isFile()) return { kind: 'not-executable', path, reason: 'it is not a file' }
  try {
    accessSync(path, constants.X_OK)
  } catch {
    return { kind: 'not-executable', path, reason: 'its mode, or a noexec mount, forbids it' }
  }
  return inspectContent(path)
}

function inspectContent(path: string): ProgramReport {
  try {
    const interpreter = scriptInterpreter(path)
    if (interpreter !== undefined) return inspectScript(path, interpreter)
    const elf = readElf(path)
    if (elf === undefined) {
      return { kind: 'not-executable', path, reason: 'it is neither an ELF program nor a script with #!' }
    }
    return inspectElf(elf)
  } catch (error) {
    if (error instanceof DamagedProgramError) {
      return { kind: 'not-executable', path, reason: 'it is cut off or damaged' }
    }
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      return { kind: 'runs', path, linkage: 'unknown' }
    }
    throw error
  }
}

function scriptInterpreter(path: string): string | undefined {
  const start = Buffer.alloc(256)
  const descriptor = openSync(path, 'r')
  try {
    readSync(descriptor, start, 0, start.length, 0)
  } finally {
    closeSync(descriptor)
  }
  return /^#![ \t]*([^ \t\n\0]+)/.exec(start.toString('latin1'))?.[1]
}

function inspectScript(path: string, interpreter: string): ProgramReport {
  if (!existsSync(interpreter)) return { kind: 'missing-library', path, names: [interpreter] }
  return { kind: 'runs', path, linkage: 'script' }
}

function inspectElf(elf: ElfFile): ProgramReport {
  const { path } = elf
  const host = architectures[process.arch]
  if (host !== undefined && ![host.machine, ...host.also].includes(elf.machine)) {
    return { kind: 'other-architecture', path, is: architectureName(elf.machine), host: host.name }
  }
  if (elf.interpreter === undefined) return { kind: 'runs', path, linkage: 'static' }
  if (!existsSync(elf.interpreter)) return { kind: 'missing-library', path, names: [elf.interpreter] }
  return inspectLibraries(elf)
}

function inspectLibraries(elf: ElfFile): ProgramReport {
  const { path } = elf
  const { found, missing } = findLibraries(elf)
  const lacking = [elf, ...found.values()].flatMap((object) => lackingVersions(object, found))
  const newerLibc = lacking
    .filter(({ version }) => version.startsWith(libcPrefix))
    .map(({ version }) => version)
  if (newerLibc.length > 0) {
    const has = newest([...found.values()].flatMap(({ definedVersions }) => definedVersions))
    return { kind: 'needs-newer-libc', path, needs: newest(newerLibc), has }
  }
  const names = [...missing, ...new Set(lacking.map(({ library, version }) => `${library} (${version})`))]
  return names.length > 0
    ? { kind: 'missing-library', path, names }
    : { kind: 'runs', path, linkage: 'dynamic' }
}

const libcPrefix = 'GLIBC_'

function lackingVersions(object: ElfFile, libraries: ReadonlyMap<string, ElfFile>): RequiredVersion[] {
  return object.requiredVersions.filter(({ library, version, weak }) => {
    const offered = libraries.get(library)?.definedVersions
    // A library without versions serves any request, as the loader sees it.
    return !weak && offered !== undefined && offered.length > 0 && !offered.includes(version)
  })
}

/** The highest numbered of several `GLIBC_2.38`, without the prefix; a mark without number stands for itself. */
function newest(versions: readonly string[]): string {
  const marks = versions
    .filter((version) => version.startsWith(libcPrefix))
    .map((version) => version.slice(libcPrefix.length))
  const numbered = marks.filter((mark) => /^\d/.test(mark))
  return (
    numbered.sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))[0] ?? marks[0] ?? 'none'
  )
}

function architectureName(machine: number): string {
  const known = Object.values(architectures).find((architecture) => architecture.machine === machine)
  return known?.name ?? `machine ${machine}`
}

/** A report as the end of a sentence about the program: "… is built for glibc 2.38, this host has 2.36". */
export function describeProgram(report: ProgramReport): string {
  switch (report.kind) {
    case 'runs':
      return 'runs on this host'
    case 'needs-newer-libc':
      return `is built for glibc ${report.needs}, this host has ${report.has}`
    case 'missing-library':
      return `needs ${report.names.map((name) => basename(name)).join(', ')}, which this host does not have`
    case 'other-architecture':
      return `is built for ${report.is}, this host is ${report.host}`
    case 'not-executable':
      return `cannot be executed: ${report.reason}`
    case 'missing':
      return 'does not exist'
  }
}
