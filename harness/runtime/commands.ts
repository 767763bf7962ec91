import { closeSync, fstatSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import {
  createMemoryFile,
  type DescriptorSource,
  type ProgramEnd,
  type RunningProgram,
  startProgram,
} from '../host/index.ts'
import { beginningOf, readBounded, withMark } from './bounded-text.ts'
import { type CommandRecord, recordedCharacters, recordedEntries } from './command-record.ts'
import { FinishedCommand, type Printed } from './finished-command.ts'
import { type GlobalOptions, globalWords } from './global-arguments.ts'
import type { LogEntry } from './log-entries.ts'
import { defaultMaxBytes } from './output.ts'
import type { OwnDirectories } from './own-directories.ts'
import { LogOfCommand } from './private-log.ts'
import { allWords, repeatableWords, type Word } from './words.ts'

/** What every call of the driver accepts. */
export interface CallOptions {
  /** How long the command may take, in milliseconds; the `Runtime`'s own limit when absent. */
  readonly timeoutMs?: number | undefined
  /** Stops the command with everything it has started. */
  readonly signal?: AbortSignal | undefined
}

/** How the commands of one runtime are run. */
export interface CommandSettings {
  readonly command: string
  /** Words put in front of the command. */
  readonly prefix: readonly string[]
  readonly globals: GlobalOptions
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  readonly timeoutMs: number
  readonly limitOf: ((verb: string) => number | undefined) | undefined
  readonly graceMs: number
  readonly signal: AbortSignal | undefined
  readonly observer: ((record: CommandRecord) => void) | undefined
}

/** One command to run. */
export interface CommandRequest extends CallOptions {
  /** The verb and what follows it. */
  readonly words: readonly Word[]
  /** Text for its standard input. */
  readonly input?: string | undefined
  readonly workingDirectory?: string | undefined
  /** Its standard streams when a container is to inherit them; otherwise what it prints is taken into the result. */
  readonly stdio?: CommandStdio | undefined
  /** More descriptors for it: 3 and on. */
  readonly descriptors?: readonly number[] | undefined
  /** Cleaning up goes on although the `Runtime`'s own signal has fired. */
  readonly isCleanUp?: boolean | undefined
}

/** The standard streams of a command. */
export interface CommandStdio {
  readonly descriptors: readonly DescriptorSource[]
  /** What has been written to them, as far as that can be known. */
  printed(): Printed
  /** Asked now and then: a reason to stop the command. */
  readonly isTooMuch?: (() => boolean) | undefined
}

export interface StartedCommand {
  readonly program: RunningProgram
  /** Settles when the command has ended; rejects only with what the observer throws. */
  readonly finished: Promise<FinishedCommand>
}

/** Runs the commands of one runtime: global options, log, output, record. */
export class Commands {
  readonly #settings: CommandSettings
  readonly #directories: OwnDirectories

  constructor(settings: CommandSettings, directories: OwnDirectories) {
    this.#settings = settings
    this.#directories = directories
  }

  /** Runs a command to its end, however it ends. */
  async run(request: CommandRequest): Promise<FinishedCommand> {
    return await this.start(request).finished
  }

  /** Starts a command. */
  start(request: CommandRequest): StartedCommand {
    if (request.stdio !== undefined) return this.#start(request, request.stdio)
    const stdio = new PrivateStdio(request.input)
    const { program, finished } = this.#start(request, stdio)
    return { program, finished: finished.finally(() => stdio.close()) }
  }

  #start(request: CommandRequest, stdio: CommandStdio): StartedCommand {
    const settings = this.#settings
    const { globals, prefix, command, environment, graceMs } = settings
    const ownLog = this.#directories.commandFile('log')
    const words = [...prefix, command, ...globalWords(globals, ownLog), ...request.words]
    const log = new LogOfCommand({ chosen: globals.log, own: ownLog })
    const verb = verbOf(request.words)
    const workingDirectory = request.workingDirectory ?? settings.workingDirectory
    const startedAt = now()
    const program = startProgram({
      argv: allWords(words),
      workingDirectory,
      environment,
      descriptors: [...stdio.descriptors, ...(request.descriptors ?? [])],
      timeoutMs: Math.min(
        request.timeoutMs ?? settings.timeoutMs,
        settings.limitOf?.(verb) ?? Number.POSITIVE_INFINITY,
      ),
      graceMs,
      signals: [request.isCleanUp ? undefined : settings.signal, request.signal].filter(
        (signal) => signal !== undefined,
      ),
      isTooMuch: stdio.isTooMuch,
    })
    const finish = (end: ProgramEnd): FinishedCommand => {
      const durationMs = now() - startedAt
      const printed = stdio.printed()
      const said = { printed, log: log.take() }
      const record = recordOf({ verb, words, workingDirectory, startedAt, durationMs }, end, said)
      settings.observer?.(record)
      return new FinishedCommand({ end, ...said, record, program: basename(command) })
    }
    return { program, finished: program.ended.then(finish) }
  }
}

/** Milliseconds since the epoch, with fractions, by a clock that nobody sets back. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

/** A command that prints more than this, in bytes, for the driver to read is stopped: it is kept in memory. */
const floodBytes = 16 * 2 ** 20

/** Files in memory for the standard streams of a command whose output is the driver's to read. */
class PrivateStdio implements CommandStdio {
  readonly descriptors: readonly DescriptorSource[]
  readonly #opened: number[] = []
  readonly #stdout: number
  readonly #stderr: number

  constructor(input: string | undefined) {
    const open = (text = ''): number => {
      const descriptor = createMemoryFile()
      this.#opened.push(descriptor)
      writeAtBeginning(descriptor, text)
      return descriptor
    }
    const stdin = input === undefined ? 'ignore' : open(input)
    this.#stdout = open()
    this.#stderr = open()
    this.descriptors = [stdin, this.#stdout, this.#stderr]
  }

  readonly isTooMuch = (): boolean => fstatSync(this.#stdout).size + fstatSync(this.#stderr).size > floodBytes

  printed(): Printed {
    const stdout = readBounded(this.#stdout, defaultMaxBytes)
    const stderr = readBounded(this.#stderr, defaultMaxBytes)
    const isCut = stdout.omittedBytes > 0 || stderr.omittedBytes > 0
    return { stdout: withMark(stdout), stderr: withMark(stderr), isCut }
  }

  close(): void {
    for (const descriptor of this.#opened) closeSync(descriptor)
  }
}

/** Leaves the descriptor's own position at the beginning, where a program starts to read. */
function writeAtBeginning(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; )
    written += writeSync(descriptor, bytes, written, bytes.length - written, written)
}

/** The first word that is no option; of a command without one, its first word. */
function verbOf(words: readonly Word[]): string {
  const plain = repeatableWords(words)
  return plain.find((word) => !word.startsWith('-')) ?? plain[0] ?? ''
}

interface CommandFacts {
  readonly verb: string
  readonly words: readonly Word[]
  readonly workingDirectory: string
  readonly startedAt: number
  readonly durationMs: number
}

function recordOf(
  { words, ...facts }: CommandFacts,
  end: ProgramEnd,
  { printed, log }: { readonly printed: Printed; readonly log: readonly LogEntry[] },
): CommandRecord {
  return {
    ...facts,
    argv: allWords(words),
    reproduction: repeatableWords(words),
    exitCode: end.kind === 'exited' ? end.exitCode : undefined,
    signal: end.kind === 'signaled' ? end.signal : undefined,
    stdout: recorded(printed.stdout),
    stderr: recorded(printed.stderr),
    log: log.slice(-recordedEntries).map((entry) => ({ ...entry, message: recorded(entry.message) })),
    timedOut: end.kind === 'timed-out',
  }
}

function recorded(text: string): string {
  return beginningOf(text, recordedCharacters)
}
