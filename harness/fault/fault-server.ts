import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { basename, join } from 'node:path'
import { runTool } from '../host/index.ts'
import {
  clientScript,
  questionSuffix,
  questionsName,
  replySuffix,
  serverName,
  unservedStatus,
} from './client.ts'
import { EditedConfigurations } from './edited-configurations.ts'
import type { Fault } from './fault.ts'
import { ServedFault } from './served-fault.ts'

/** Where a server works, and for what. */
export interface FaultServerOptions {
  /** A private directory, made when needed; it is removed when the server is closed. */
  readonly directory: string
  /** Absolute path of the real runtime. */
  readonly real: string
}

/** How often a fault has shown, and what went wrong in it. */
export interface FaultAccount {
  /** How many commands were not what they should have been. */
  readonly changes: number
  /** What its effect threw. */
  readonly errors: readonly string[]
}

/**
 * Serves faults: makes an executable for each, and tells those what to do with the commands they are given. Everything
 * is answered in the order in which it is asked, in a turn of the event loop each.
 */
export class FaultServer implements AsyncDisposable {
  readonly #directory: string
  readonly #real: string
  readonly #faults = new Map<string, ServedFault>()
  readonly #configurations = new EditedConfigurations()
  readonly #questions: Socket
  #heard = ''
  #lastNumber = 0

  private constructor({ directory, real }: FaultServerOptions, questions: number) {
    this.#directory = directory
    this.#real = real
    // A socket, because a stream of a file would keep a thread of Node's waiting.
    this.#questions = new Socket({ fd: questions, readable: true, writable: false })
    this.#questions.setEncoding('latin1').on('data', (text: string) => this.#hear(text))
  }

  /** Starts to serve. @throws ToolError when no fifo can be made */
  static async start(options: FaultServerOptions): Promise<FaultServer> {
    const { directory } = options
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(join(directory, serverName), `${process.pid}\n`)
    const questions = join(directory, questionsName)
    await runTool(['mkfifo', '-m', '600', questions])
    // Open for writing as well, so that it never ends between two clients.
    return new FaultServer(options, openSync(questions, constants.O_RDWR | constants.O_NONBLOCK))
  }

  /**
   * Begins to serve a fault.
   *
   * @returns the path of a runtime that has it, which goes by the real runtime's name
   */
  add(fault: Fault): string {
    const place = join(this.#directory, fault.id)
    const executable = join(place, basename(this.#real))
    mkdirSync(place, { mode: 0o711 })
    writeFileSync(executable, clientScript)
    chmodSync(executable, 0o755)
    const next = () => {
      this.#lastNumber += 1
      return this.#lastNumber
    }
    const surroundings = { directory: place, real: this.#real, configurations: this.#configurations, next }
    this.#faults.set(fault.id, new ServedFault(fault, surroundings))
    return executable
  }

  /** Serves a fault no longer. */
  remove({ id }: Pick<Fault, 'id'>): void {
    this.#faults.delete(id)
    rmSync(join(this.#directory, id), { recursive: true, force: true })
  }

  /** What has become of a fault so far. */
  accountOf({ id }: Pick<Fault, 'id'>): FaultAccount {
    const { changes = 0, errors = [] } = this.#faults.get(id) ?? {}
    return { changes, errors }
  }

  /** Ends: gives bundles their own configurations again, and removes the executables. */
  async close(): Promise<void> {
    this.#questions.destroy()
    this.#configurations.restore()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #hear(text: string): void {
    const lines = (this.#heard + text).split('\n')
    this.#heard = lines.pop() ?? ''
    for (const client of lines) this.#answer(client)
  }

  #answer(client: string): void {
    const question = join(this.#directory, `${client}${questionSuffix}`)
    const words = readFileSync(question, 'utf8').split('\0').slice(0, -1)
    rmSync(question)
    this.#send(join(this.#directory, `${client}${replySuffix}`), this.#reply(words))
  }

  #reply([id = '', kind, ...words]: readonly string[]): string {
    const served = this.#faults.get(id)
    if (served === undefined) return refusal(`there is no fault ${id}`)
    try {
      return replies[kind ?? '']?.(served, words) ?? refusal(`a question of kind ${kind}`)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      served.errors.push(message)
      return refusal(message.replaceAll(/[^\w .,:/-]/g, ' '))
    }
  }

  #send(fifo: string, reply: string): void {
    // Removed before the client can read, who may make the next one at once.
    const descriptor = unlessGone(() => openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
    rmSync(fifo, { force: true })
    if (descriptor === undefined) return
    unlessGone(() => writeSync(descriptor, `${reply}\n`))
    closeSync(descriptor)
  }
}

/** What opening and writing say when nobody has the other end: the client was killed. */
const goneCodes: readonly unknown[] = ['ENXIO', 'EPIPE']

function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (error instanceof Error && 'code' in error && goneCodes.includes(error.code)) return undefined
    throw error
  }
}

/** How each kind of question is answered. */
const replies: Readonly<Record<string, (served: ServedFault, words: readonly string[]) => string>> = {
  call: (served, [workingDirectory = '/', ...words]) => served.begin({ workingDirectory, words }),
  input: (served, [input = '', workingDirectory = '/', ...words]) =>
    served.begin({ workingDirectory, words, input }),
  ended: (served, [number, code]) => served.end(Number(number), Number(code)),
}

function refusal(reason: string): string {
  return `echo 'the fault could not be applied: ${reason}' >&2; exit ${unservedStatus}`
}
