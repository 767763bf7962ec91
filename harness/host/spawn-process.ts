/**
 * Starts processes by posix_spawn(3), which makes a process that borrows this one's memory until it runs its program.
 *
 * Node's own `spawn` copies this process's page tables first: measured for /bin/true, that takes 1.1 ms in a small process
 * and 17 ms in one of 300 MB, the event loop standing still, against 0.2 ms either way. It also cannot put a process into
 * a group of its own without giving it a session, which the kernel schedules apart from ours (sched(7), autogroup): on a
 * busy machine that delays each start by about 10 ms.
 *
 * The call lasts until the new process has its turn and runs its program: 1.5 ms where every processor is busy. So it is
 * made in a thread of Node's pool, and this one goes on.
 */
import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'
import { RunwrightError } from './errors.ts'

/** What a process gets for one of its descriptors: one of ours, `/dev/null`, or ours of the same number. */
export type DescriptorSource = number | 'ignore' | 'inherit'

export interface ProcessRequest {
  /** Path of the program. */
  readonly program: string
  readonly args: readonly string[]
  /** `undefined` takes a variable out. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** Standard input, output and error, then 3 and on. The process gets no others of ours. */
  readonly descriptors: readonly DescriptorSource[]
}

/** The process could not be started; `errnoName` says why, as execve(2) does. */
export class SpawnError extends RunwrightError {
  override readonly code = 'SPAWN_FAILED'
  readonly errnoName: string

  constructor(message: string, errnoName: string) {
    super(message)
    this.errnoName = errnoName
  }
}

const POSIX_SPAWN_SETPGROUP = 0x02
const POSIX_SPAWN_SETSIGDEF = 0x04
const POSIX_SPAWN_SETSIGMASK = 0x08
const O_RDWR = 2
const WNOHANG = 1

/** Larger than the structures of any C library. */
const structureBytes = 1024

interface Library {
  readonly spawn: {
    readonly async: (
      pid: Int32Array,
      path: string,
      actions: Buffer,
      attributes: Buffer,
      argv: Words,
      envp: Words,
      done: (error: unknown, errno: number) => void,
    ) => void
  }
  readonly waitpid: (pid: number, status: Int32Array, options: number) => number
  readonly initActions: (actions: Buffer) => number
  readonly destroyActions: (actions: Buffer) => number
  readonly addDup: (actions: Buffer, from: number, to: number) => number
  readonly addOpen: (actions: Buffer, descriptor: number, path: string, flags: number, mode: number) => number
  readonly addClose: (actions: Buffer, descriptor: number) => number
  /** Missing in glibc before 2.34, and in musl: then descriptors that are not close-on-exec are passed on. */
  readonly addCloseFrom: ((actions: Buffer, first: number) => number) | undefined
  /** Missing in glibc before 2.29. */
  readonly addChdir: ((actions: Buffer, path: string) => number) | undefined
  /** Own process group, no signal ignored or blocked: what this process or its parent ignores is not passed on. */
  readonly attributes: Buffer
}

/** Words as C wants them: ended by a null. */
type Words = readonly (string | null)[]

let loaded: Library | undefined

function library(): Library {
  loaded ??= load()
  return loaded
}

/** Loaded by the first use: it takes about 10 ms. Symbols come from the C library that Node itself runs with. */
function load(): Library {
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi')
  const libc = koffi.load(null)
  const call = (name: string, ...parameters: readonly string[]) => libc.func(name, 'int', [...parameters])
  const attributes = Buffer.alloc(structureBytes)
  const noSignal = Buffer.alloc(structureBytes)
  const allSignals = Buffer.alloc(structureBytes)
  call('sigfillset', 'void *')(allSignals)
  call('posix_spawnattr_init', 'void *')(attributes)
  call('posix_spawnattr_setsigmask', 'void *', 'void *')(attributes, noSignal)
  call('posix_spawnattr_setsigdefault', 'void *', 'void *')(attributes, allSignals)
  const flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
  call('posix_spawnattr_setflags', 'void *', 'short')(attributes, flags)
  return {
    spawn: call('posix_spawn', 'void *', 'str', 'void *', 'void *', 'char **', 'char **'),
    waitpid: call('waitpid', 'int', 'void *', 'int'),
    initActions: call('posix_spawn_file_actions_init', 'void *'),
    destroyActions: call('posix_spawn_file_actions_destroy', 'void *'),
    addDup: call('posix_spawn_file_actions_adddup2', 'void *', 'int', 'int'),
    addOpen: call('posix_spawn_file_actions_addopen', 'void *', 'int', 'str', 'int', 'uint'),
    addClose: call('posix_spawn_file_actions_addclose', 'void *', 'int'),
    addCloseFrom: ifThere(() => call('posix_spawn_file_actions_addclosefrom_np', 'void *', 'int')),
    addChdir: ifThere(() => call('posix_spawn_file_actions_addchdir_np', 'void *', 'str')),
    attributes,
  }
}

function ifThere<T>(find: () => T): T | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}

/**
 * Starts a process in a group of its own.
 *
 * @param request its descriptors must stay open until the process is there
 * @returns its pid; it stays a zombie until `collectProcess`
 * @throws SpawnError
 */
export async function spawnProcess(request: ProcessRequest): Promise<number> {
  refuseNul(request)
  const { spawn, initActions, destroyActions, attributes } = library()
  const { program, args } = withDirectory(request)
  const environment = Object.entries(request.environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  const pid = new Int32Array(1)
  const actions = Buffer.alloc(structureBytes)
  must(initActions(actions), request)
  try {
    addDirectory(actions, request)
    addDescriptors(actions, request)
    const [argv, envp] = [
      [program, ...args, null],
      [...environment, null],
    ]
    const errno = await new Promise<number>((resolve, reject) => {
      spawn.async(pid, program, actions, attributes, argv, envp, (error, result) =>
        error === null ? resolve(result) : reject(error),
      )
    })
    must(errno, request)
  } finally {
    destroyActions(actions)
  }
  return pid[0] ?? 0
}

/** A C string ends at its first NUL: what comes behind would be lost without a word. */
function refuseNul({ program, args, environment, workingDirectory }: ProcessRequest): void {
  const words = [program, ...args, workingDirectory, ...Object.entries(environment).flat()]
  const word = words.find((candidate) => candidate?.includes('\0'))
  if (word !== undefined) throw new SpawnError(`${JSON.stringify(word)} has a NUL byte in it`, 'EINVAL')
}

function must(errno: number, { program }: ProcessRequest): void {
  if (errno === 0) return
  const name = getSystemErrorName(-errno)
  throw new SpawnError(`${program} could not be started: ${name}`, name)
}

/** Where the C library cannot change the directory for a new process, a shell does it. */
function withDirectory({
  program,
  args,
  workingDirectory,
}: ProcessRequest): Pick<ProcessRequest, 'program' | 'args'> {
  if (library().addChdir !== undefined || workingDirectory === process.cwd()) return { program, args }
  return { program: '/bin/sh', args: ['-c', 'cd -- "$0" && exec "$@"', workingDirectory, program, ...args] }
}

function addDirectory(actions: Buffer, request: ProcessRequest): void {
  const { addChdir } = library()
  if (addChdir !== undefined) must(addChdir(actions, request.workingDirectory), request)
}

/**
 * Puts the descriptors in their places, by way of numbers beyond all of them: so no source is overwritten before it has
 * been copied.
 */
function addDescriptors(actions: Buffer, request: ProcessRequest): void {
  const { addDup, addOpen, addClose, addCloseFrom } = library()
  const sources = request.descriptors.map((source, place) => (source === 'inherit' ? place : source))
  const beyond = 1 + Math.max(sources.length, ...sources.filter((source) => source !== 'ignore'))
  for (const [place, source] of sources.entries()) {
    if (source !== 'ignore') must(addDup(actions, source, beyond + place), request)
  }
  for (const [place, source] of sources.entries()) {
    if (source === 'ignore') must(addOpen(actions, place, '/dev/null', O_RDWR, 0), request)
    else {
      must(addDup(actions, beyond + place, place), request)
      must(addClose(actions, beyond + place), request)
    }
  }
  // What the program that started us has left open is nothing a container should get to see.
  if (addCloseFrom !== undefined) must(addCloseFrom(actions, Math.max(3, sources.length)), request)
}

/** How a process ended, as waitpid(2) tells it. */
export type CollectedEnd =
  | { readonly exitCode: number }
  | { readonly signal: number; readonly coreDumped: boolean }

/**
 * Collects a process that was started by `spawnProcess`, if it has ended. It takes no descriptor.
 *
 * @returns undefined when somebody else has collected it
 */
export function collectProcess(pid: number): CollectedEnd | 'running' | undefined {
  const status = new Int32Array(1)
  const collected = library().waitpid(pid, status, WNOHANG)
  if (collected === 0) return 'running'
  if (collected !== pid) return undefined
  const [value = 0] = status
  const signal = value & 0x7f
  return signal === 0 ? { exitCode: (value >> 8) & 0xff } : { signal, coreDumped: (value & 0x80) !== 0 }
}
