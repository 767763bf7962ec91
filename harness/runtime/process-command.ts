/**
 * Commands that start a process of a container: its init (create, run, restore) or one executed in it. They differ in
 * their words; how the process gets its streams, and how it becomes known, is the same.
 */
import { join } from 'node:path'
import { becomeSubreaper, ConsoleSocket, Terminal } from '../host/index.ts'
import type { RunResult } from './command-record.ts'
import type { CallOptions, CommandRequest } from './commands.ts'
import { ContainerProcess } from './container-process.ts'
import type { Driver } from './driver.ts'
import type { FinishedCommand, Printed } from './finished-command.ts'
import { endsWithError } from './log-entries.ts'
import { captured, defaultMaxBytes, type Output } from './output.ts'
import { processIn, readPidFile } from './pid-file.ts'
import { CaptureInMemory, captureInFiles, type ProcessStreams, Stdio, type StdioOptions } from './stdio.ts'
import type { Word } from './words.ts'

/** Files that such a command is told on its command line. */
export interface ProcessFiles {
  readonly pidFile: string
  readonly consoleSocket: string | undefined
}

export interface ProcessCommand {
  /** A directory of the harness's own, for the pid file and captured output. */
  readonly directory: string
  readonly options: StdioOptions & CallOptions & { readonly preserveDescriptors?: readonly number[] }
  words(files: ProcessFiles): readonly Word[]
}

export interface DetachedProcess {
  readonly process: ContainerProcess
  readonly outputs: readonly Output[]
}

export function pidFileIn(directory: string): string {
  return join(directory, 'pid')
}

/**
 * Runs a command that ends while the process it has started lives on.
 *
 * @throws RuntimeError when it fails or does not deliver the process or its terminal; the process may exist then, and
 * its pid file tells which it is
 */
export async function startDetached(
  driver: Driver,
  { directory, options, words }: ProcessCommand,
  { console: wantsConsole }: { readonly console: boolean },
): Promise<DetachedProcess> {
  becomeSubreaper()
  const pidFile = pidFileIn(directory)
  const socket = wantsConsole ? ConsoleSocket.listen(driver.directories.commandFile('socket')) : undefined
  const stdio = new Stdio(options, captureInFiles(directory))
  try {
    const request = { words: words({ pidFile, consoleSocket: socket?.path }), options }
    const command = await runWith(driver, stdio, request)
    command.expectSuccess()
    const identity = identified(command, pidFile)
    const console = socket === undefined ? undefined : await receiveTerminal(command, socket, options)
    const { stdout, stderr, streams } = stdio
    const { record, log } = command
    const process = new ContainerProcess({ identity, stdout, stderr, streams, console, command: record, log })
    return { process, outputs: [stdout, stderr] }
  } catch (error) {
    stdio.abandon()
    throw error
  } finally {
    socket?.close()
  }
}

/**
 * Runs a command that lasts as long as the process it starts, and whose exit code is that process's.
 *
 * @throws RuntimeError when the exit code is the command's own, for want of a process: it then wrote no pid file, or
 * logged an error last; also when it was killed or stopped
 */
export async function runAttached(
  driver: Driver,
  { directory, options, words }: ProcessCommand,
  {
    started,
    maxBytes,
  }: {
    readonly started?: ((streams: ProcessStreams) => void) | undefined
    readonly maxBytes?: number | undefined
  },
): Promise<RunResult> {
  becomeSubreaper()
  const pidFile = pidFileIn(directory)
  using capture = new CaptureInMemory()
  const stdio = new Stdio(options, capture)
  const isTooMuch = () => capture.size > mostInMemory
  try {
    const request = {
      words: words({ pidFile, consoleSocket: undefined }),
      options,
      started,
      maxBytes,
      isTooMuch,
    }
    const command = await runWith(driver, stdio, request)
    if (command.end.kind !== 'exited') throw command.failure()
    if (!command.isSuccess && endsWithError(command.log)) throw command.failure()
    identified(command, pidFile)
    return command.result()
  } catch (error) {
    stdio.abandon()
    throw error
  }
}

/** A container that prints more than this, in bytes, for a command that waits for its end is stopped. */
const mostInMemory = 256 * 2 ** 20

interface ProcessRequest {
  readonly words: readonly Word[]
  readonly options: ProcessCommand['options']
  readonly started?: ((streams: ProcessStreams) => void) | undefined
  readonly maxBytes?: number | undefined
  readonly isTooMuch?: () => boolean
}

async function runWith(driver: Driver, stdio: Stdio, request: ProcessRequest): Promise<FinishedCommand> {
  const { options, words, maxBytes = defaultMaxBytes, isTooMuch } = request
  const command: CommandRequest = {
    words,
    stdio: { descriptors: stdio.descriptors, printed: () => printedTo(stdio, maxBytes), isTooMuch },
    descriptors: options.preserveDescriptors,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  }
  const { program, finished } = driver.commands.start(command)
  await program.started
  stdio.release()
  request.started?.(stdio.streams)
  return await finished
}

function printedTo({ stdout, stderr }: Stdio, maxBytes: number): Printed {
  return { stdout: captured(stdout, { maxBytes }), stderr: captured(stderr, { maxBytes }), isCut: false }
}

/** The process that the command says it has started; undefined when that has ended and was collected already. */
function identified(command: FinishedCommand, pidFile: string) {
  const pid = readPidFile(pidFile)
  if (typeof pid === 'number') return processIn(pidFile)
  if (!command.isSuccess) throw command.failure()
  const expectation =
    pid === 'missing'
      ? 'ended with exit code 0 but wrote no pid file: it has started nothing'
      : `ended with exit code 0 but what it wrote to its pid file is no pid: ${JSON.stringify(pid.nonsense)}`
  throw command.failure({ kind: 'output', expectation })
}

/** A runtime sends the terminal before it ends, so it is there already or does not come. */
const terminalMs = 1_000

async function receiveTerminal(
  command: FinishedCommand,
  socket: ConsoleSocket,
  { signal }: CallOptions,
): Promise<Terminal> {
  try {
    return new Terminal(await socket.receive({ timeoutMs: terminalMs, signal }))
  } catch (cause) {
    if (signal?.aborted) throw command.failure({ kind: 'aborted' }, { cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    const expectation = `ended with exit code 0 but sent no terminal: ${reason}`
    throw command.failure({ kind: 'output', expectation }, { cause })
  }
}
