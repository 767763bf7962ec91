/**
 * Runs one program: the narrow waist through which every command of a runtime goes.
 *
 * The contract: the promise settles when the program itself has ended, whatever its descendants hold open; it never
 * rejects. The program leads a process group of its own. When it has to be stopped, the group gets SIGTERM and, after
 * a grace, SIGKILL, and so do all descendants it had, such as a container's init in a session of its own.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExitStatus } from './exit-status.ts'
import { findProgram } from './find-program.ts'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'
import { descendantsOf } from './process-tree.ts'
import { signalProcess } from './signal-process.ts'
import { signalName } from './signals.ts'
import {
  type CollectedEnd,
  collectProcess,
  type DescriptorSource,
  SpawnError,
  spawnProcess,
} from './spawn-process.ts'
import { waitForEnd, waitForExit } from './wait-for-exit.ts'

export interface ProgramRequest {
  /** The program first: a path, or a name to be found on PATH. */
  readonly argv: readonly string[]
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard input, output and error, then descriptor 3 and on. */
  readonly descriptors: readonly DescriptorSource[]
  /** No limit when absent or beyond what a timer can hold (24 days). */
  readonly timeoutMs?: number | undefined
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  readonly signals: readonly AbortSignal[]
  /** Looked at forty times a second: a reason to stop the program. */
  readonly isTooMuch?: (() => boolean) | undefined
}

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: NodeJS.Signals; readonly coreDumped: boolean }
  /** Its end could not be observed: somebody else in this process has collected its exit status. */
  | { readonly kind: 'unknown'; readonly cause?: unknown }
  | { readonly kind: 'not-started'; readonly reason: string; readonly cause?: unknown }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  | { readonly kind: 'aborted'; readonly cause: unknown }
  | { readonly kind: 'too-much' }
  | { readonly kind: 'stopped' }

type StopReason = Extract<ProgramEnd, { kind: 'timed-out' | 'aborted' | 'too-much' | 'stopped' }>

export interface RunningProgram {
  /** Settles when the program has its descriptors, or will not be started; gives its pid if it was. Never rejects. */
  readonly started: Promise<number | undefined>
  readonly ended: Promise<ProgramEnd>
  /** Stops it with all its descendants; `ended` then says `stopped`, unless it had ended before. */
  stop(): void
}

/**
 * Starts a program. What goes wrong is told by `ended`.
 *
 * @param request its descriptors must stay open until `started`
 */
export function startProgram(request: ProgramRequest): RunningProgram {
  const supervised = startSupervised(request)
  return {
    started: supervised.then(({ pid }) => pid),
    ended: supervised.then(({ ended }) => ended),
    stop: () => void supervised.then(({ stop }) => stop()),
  }
}

interface SupervisedProgram extends Omit<RunningProgram, 'started'> {
  readonly pid: number | undefined
}

async function startSupervised(request: ProgramRequest): Promise<SupervisedProgram> {
  const aborted = request.signals.find((signal) => signal.aborted)
  if (aborted !== undefined) return neverStarted({ kind: 'aborted', cause: aborted.reason })
  try {
    const started = await start(request)
    return 'kind' in started ? neverStarted(started) : supervise(started, request)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return neverStarted({ kind: 'not-started', reason, cause })
  }
}

function neverStarted(end: ProgramEnd): SupervisedProgram {
  return { pid: undefined, ended: Promise.resolve(end), stop: () => undefined }
}

type NotStarted = Extract<ProgramEnd, { kind: 'not-started' }>

async function start({ argv, ...request }: ProgramRequest): Promise<ProcessIdentity | NotStarted> {
  const [name = '', ...args] = argv
  const program = name.includes('/') ? resolve(name) : (findProgram(name) ?? name)
  try {
    const pid = await spawnProcess({ ...request, program, args })
    return identityOfChild(pid) ?? { pid, startTime: 0n }
  } catch (error) {
    if (error instanceof SpawnError) return whyNotStarted(error, program, request.workingDirectory)
    throw error
  }
}

/** A child is there at least as a zombie until it is collected; but nobody can be seen where no descriptor is left. */
function identityOfChild(pid: number): ProcessIdentity | undefined {
  try {
    return identifyProcess(pid, { ended: true })
  } catch {
    return undefined
  }
}

function supervise(process: ProcessIdentity, request: ProgramRequest): SupervisedProgram {
  const own = new OwnEnd(process)
  const watches = new Watches()
  let stopped: Promise<ProgramEnd> | undefined
  let settle = (_end: ProgramEnd | Promise<ProgramEnd>): void => undefined
  const ended = new Promise<ProgramEnd>((resolveEnd) => {
    settle = resolveEnd
  }).finally(() => watches.end())
  const stop = (reason: StopReason): void => {
    stopped ??= stopTree(process, own, request.graceMs).then(() => reason)
    settle(stopped)
  }
  void own.promise.then((end) => {
    if (stopped === undefined) settle(end)
  })
  watch(request, watches, stop)
  return { pid: process.pid, ended, stop: () => stop({ kind: 'stopped' }) }
}

/** The end of the process itself. */
class OwnEnd {
  readonly promise: Promise<ProgramEnd>
  hasCome = false

  constructor(process: ProcessIdentity) {
    this.promise = waitForEnd(process)
      .then(
        () => endOf(process),
        // Such as that no descriptor is left to wait by.
        (cause: unknown) => endByAsking(process.pid, cause),
      )
      .catch((cause: unknown): ProgramEnd => ({ kind: 'unknown', cause }))
      .finally(() => {
        this.hasCome = true
      })
  }
}

async function endOf(process: ProcessIdentity): Promise<ProgramEnd> {
  const collected = collectProcess(process.pid)
  // A kernel without pidfds shows a process as ended whose threads still run, and who could not be seen may run as well.
  if (collected === 'running') return await endByAsking(process.pid)
  const known = collected === undefined ? await waitForExit(process) : statusOf(collected)
  return known === undefined ? { kind: 'unknown' } : endFrom(known)
}

/** Asks from time to time whether a process has ended, which takes nothing but time. */
async function endByAsking(pid: number, cause?: unknown): Promise<ProgramEnd> {
  for (;;) {
    const collected = collectProcess(pid)
    if (collected === undefined) return { kind: 'unknown', cause }
    if (collected !== 'running') return endFrom(statusOf(collected))
    await delay(lookIntervalMs)
  }
}

function endFrom(known: ExitStatus): ProgramEnd {
  if (known.kind === 'exited') return { kind: 'exited', exitCode: known.code }
  const { signal, coreDumped } = known
  // Real-time signals have no name in Node; a shell shows them so.
  if (typeof signal === 'number') return { kind: 'exited', exitCode: 128 + signal }
  return { kind: 'signaled', signal, coreDumped }
}

function statusOf(collected: CollectedEnd): ExitStatus {
  if ('exitCode' in collected) return { kind: 'exited', code: collected.exitCode }
  return { kind: 'signaled', signal: signalName(collected.signal), coreDumped: collected.coreDumped }
}

/** What to take down once a program has ended: its timers and its ears for abort signals. */
class Watches {
  readonly #endings: (() => void)[] = []

  add(ending: () => void): void {
    this.#endings.push(ending)
  }

  end(): void {
    for (const ending of this.#endings.splice(0)) ending()
  }
}

const lookIntervalMs = 25
const longestTimerMs = 2 ** 31 - 1

function watch(
  { timeoutMs, signals, isTooMuch }: ProgramRequest,
  watches: Watches,
  stop: (reason: StopReason) => void,
): void {
  if (timeoutMs !== undefined && timeoutMs <= longestTimerMs) {
    const timer = setTimeout(() => stop({ kind: 'timed-out', timeoutMs }), timeoutMs)
    watches.add(() => clearTimeout(timer))
  }
  if (isTooMuch !== undefined) {
    const timer = setInterval(() => isTooMuch() && stop({ kind: 'too-much' }), lookIntervalMs)
    watches.add(() => clearInterval(timer))
  }
  for (const signal of signals) {
    const onAbort = () => stop({ kind: 'aborted', cause: signal.reason })
    if (signal.aborted)
      onAbort() // while it was being started
    else signal.addEventListener('abort', onAbort, { once: true })
    watches.add(() => signal.removeEventListener('abort', onAbort))
  }
}

/**
 * Stops a program and everything it has started. Descendants are taken note of before each signal: once their parent
 * is gone, nothing tells whose they were. Gives up on a program that SIGKILL does not end, one stuck in the kernel.
 */
async function stopTree({ pid }: ProcessIdentity, own: OwnEnd, graceMs: number): Promise<void> {
  const family = new Map<number, ProcessIdentity>()
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    // Once it is collected, its pid may become another's.
    if (own.hasCome) break
    for (const identity of descendantsAsSeen(pid)) family.set(identity.pid, identity)
    process.kill(-pid, signal)
    await Promise.race([own.promise, quietDelay(graceMs)])
  }
  for (const identity of family.values()) signalProcess(identity, 'SIGKILL')
}

/** Nobody can be seen where no descriptor is left: then the signal to the group has to do. */
function descendantsAsSeen(pid: number): readonly ProcessIdentity[] {
  try {
    return descendantsOf(pid)
  } catch {
    return []
  }
}

function quietDelay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}

function whyNotStarted(error: SpawnError, program: string, workingDirectory: string): NotStarted {
  const { errnoName } = error
  if (errnoName === 'ENOENT' && !isDirectory(workingDirectory)) {
    const reason = `there is no directory ${workingDirectory} to run it in`
    return { kind: 'not-started', reason, cause: error }
  }
  return { kind: 'not-started', reason: reasons[errnoName]?.(program) ?? error.message, cause: error }
}

const reasons: Readonly<Record<string, (program: string) => string>> = {
  ENOENT: (program) => `${program} is not there, or the interpreter or loader it names is not`,
  EACCES: (program) =>
    `${program} may not be executed: it is no program, or a directory on its path is closed`,
  ENOEXEC: (program) => `${program} is not a program for this machine`,
  E2BIG: () => 'its arguments and environment are too long',
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
