/**
 * Runs one program: the narrow waist through which every command of a runtime goes.
 *
 * The contract: the promise settles when the program itself has ended, whatever its descendants hold open; it never
 * rejects. The program leads a process group of its own. When it has to be stopped, the group gets SIGTERM and, after
 * a grace, SIGKILL, and so do all descendants it had, such as a container's init in a session of its own.
 *
 * Node's own `spawn` is used here: it costs 2.6 ms for /bin/true where execa costs 3.4 to 4.2 ms and 85 ms more to
 * import, and of execa's comfort nothing is left once a program gets descriptors instead of pipes.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { type ProcessIdentity, signalProcess } from '../host/index.ts'
import { descendantsOf } from './process-tree.ts'

/** What a program gets for one of its descriptors. */
export type ProgramDescriptor = number | 'ignore' | 'inherit'

export interface ProgramRequest {
  /** The program first: a path, or a name to be found on PATH. */
  readonly argv: readonly string[]
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard input, output and error, then descriptor 3 and on. */
  readonly descriptors: readonly ProgramDescriptor[]
  /** No limit when absent or beyond what a timer can hold (24 days). */
  readonly timeoutMs?: number | undefined
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  readonly signals: readonly AbortSignal[]
  /** Looked at ten times a second: a reason to stop the program. */
  readonly isTooMuch?: (() => boolean) | undefined
}

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signaled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'not-started'; readonly reason: string; readonly cause?: unknown }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  | { readonly kind: 'aborted'; readonly cause: unknown }
  | { readonly kind: 'too-much' }
  | { readonly kind: 'stopped' }

type StopReason = Extract<ProgramEnd, { kind: 'timed-out' | 'aborted' | 'too-much' | 'stopped' }>

export interface RunningProgram {
  readonly pid: number | undefined
  readonly ended: Promise<ProgramEnd>
  /** Stops it with all its descendants; `ended` then says `stopped`, unless it had ended before. */
  stop(): void
}

/** Starts a program. What goes wrong is told by `ended`. */
export function startProgram(request: ProgramRequest): RunningProgram {
  const aborted = request.signals.find((signal) => signal.aborted)
  if (aborted !== undefined) return neverStarted({ kind: 'aborted', cause: aborted.reason })
  const child = spawnProgram(request)
  return 'kind' in child ? neverStarted(child) : supervise(child, request)
}

function neverStarted(end: ProgramEnd): RunningProgram {
  return { pid: undefined, ended: Promise.resolve(end), stop: () => undefined }
}

type NotStarted = Extract<ProgramEnd, { kind: 'not-started' }>

function spawnProgram({
  argv,
  workingDirectory,
  environment,
  descriptors,
}: ProgramRequest): ChildProcess | NotStarted {
  const [program = '', ...args] = argv
  const stdio: StdioOptions = [...descriptors]
  try {
    return spawn(program, args, { cwd: workingDirectory, env: environment, stdio, detached: true })
  } catch (cause) {
    // Node throws for what no system call could take, such as a NUL byte in an argument.
    return { kind: 'not-started', reason: cause instanceof Error ? cause.message : String(cause), cause }
  }
}

function supervise(child: ChildProcess, request: ProgramRequest): RunningProgram {
  let stop = (_reason: StopReason): void => undefined
  const ended = new Promise<ProgramEnd>((resolve) => {
    const watches = new Watches()
    const settle = (end: ProgramEnd) => {
      watches.end()
      resolve(end)
    }
    const ownEnd = new Promise<ProgramEnd>((resolveEnd) => {
      child.once('error', (error) => resolveEnd(whyNotStarted(error, request)))
      child.once('exit', (code, signal) => resolveEnd(endOf(code, signal)))
    })
    let stopping = false
    stop = (reason) => {
      if (stopping || child.pid === undefined) return
      stopping = true
      watches.end()
      void stopTree(child, ownEnd, request.graceMs).then(() => settle(reason))
    }
    void ownEnd.then((end) => {
      if (!stopping) settle(end)
    })
    watch(request, watches, (reason) => stop(reason))
  })
  return { pid: child.pid, ended, stop: () => stop({ kind: 'stopped' }) }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): ProgramEnd {
  return signal === null ? { kind: 'exited', exitCode: code ?? 0 } : { kind: 'signaled', signal }
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

const lookIntervalMs = 100
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
    signal.addEventListener('abort', onAbort, { once: true })
    watches.add(() => signal.removeEventListener('abort', onAbort))
  }
}

/**
 * Stops a program and everything it has started. Descendants are taken note of before each signal: once their parent
 * is gone, nothing tells whose they were. Gives up on a program that SIGKILL does not end, one stuck in the kernel.
 */
async function stopTree(child: ChildProcess, ended: Promise<ProgramEnd>, graceMs: number): Promise<void> {
  const pid = child.pid ?? 0
  const family = new Map<number, ProcessIdentity>()
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (child.exitCode !== null || child.signalCode !== null) break
    for (const identity of descendantsOf(pid)) family.set(identity.pid, identity)
    process.kill(-pid, signal)
    await Promise.race([ended, quietDelay(graceMs)])
  }
  for (const identity of family.values()) signalProcess(identity, 'SIGKILL')
}

function quietDelay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}

function whyNotStarted(error: Error, { argv, workingDirectory }: ProgramRequest): NotStarted {
  const code = 'code' in error ? String(error.code) : ''
  const program = argv[0] ?? ''
  if (code === 'ENOENT' && !isDirectory(workingDirectory)) {
    return {
      kind: 'not-started',
      reason: `there is no directory ${workingDirectory} to run it in`,
      cause: error,
    }
  }
  return { kind: 'not-started', reason: reasons[code]?.(program) ?? error.message, cause: error }
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
