import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { type MountEntry, readMounts } from './mounts.ts'
import { identifyProcess, isProcessAlive, type ProcessIdentity } from './process-identity.ts'
import { signalProcess } from './signal-process.ts'
import { atThisPace } from './slowness.ts'
import { ToolError } from './tool.ts'
import { until } from './until.ts'

/** One line of a user namespace's map: inside, outside, how many. */
export type IdMapLine = readonly [inside: number, outside: number, size: number]

/** What a holder of namespaces is to do before it only waits. */
export interface HeldNamespacesOptions {
  /** A shell script that is run inside; `$1` and on are `arguments`. */
  readonly script?: string
  readonly arguments?: readonly string[]
  /** Words put in front of the command, such as those that prepare a mount namespace of their own. */
  readonly prefix?: readonly string[]
  /** For a new user namespace, uids and gids alike. */
  readonly idMap?: readonly IdMapLine[]
}

/** How long a holder that was killed may take to end, in milliseconds. */
const releaseMs = atThisPace(10_000)

/**
 * New namespaces with a process that does nothing but hold them. They go with it, and it goes when it is released or
 * when this process ends, however it ends: it lives as long as its standard input is open.
 */
export class HeldNamespaces implements AsyncDisposable {
  /** The holder's pid on this host. */
  readonly pid: number
  readonly #child: ChildProcess
  readonly #holder: ProcessIdentity | undefined

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child
    this.#holder = identifyProcess(pid)
    this.pid = pid
  }

  /**
   * Makes namespaces.
   *
   * @param types by the names of /proc/PID/ns: `net`, `mnt`, `uts` …
   * @throws ToolError when they cannot be made, or the script fails
   */
  static async open(types: readonly string[], options: HeldNamespacesOptions = {}): Promise<HeldNamespaces> {
    const holder = startHolder(types, options)
    const { child, stdin, answers, stderr } = holder
    try {
      const pid = Number(await answers.next())
      if (options.idMap !== undefined) writeIdMaps(pid, options.idMap)
      stdin.write('go\n')
      await answers.next()
      return new HeldNamespaces(child, pid)
    } catch (cause) {
      child.kill('SIGKILL')
      const said = await stderr
      throw new ToolError(
        `namespaces (${types.join(', ')}) could not be held: ${said}`,
        { commandLine: child.spawnargs.join(' '), exitCode: child.exitCode ?? undefined, stderr: said },
        { cause },
      )
    }
  }

  /** The file that stands for one of the namespaces, such as `/proc/PID/ns/net`. */
  path(type: string): string {
    return `/proc/${this.pid}/ns/${type}`
  }

  /** The mounts that the holder sees. */
  mounts(): readonly MountEntry[] {
    return readMounts(this.pid)
  }

  /** Words that, put in front of a command, have it enter these of the namespaces. */
  entering(...types: readonly string[]): readonly string[] {
    const flags = types.map((type) => `--${flagOf(type)}=${this.path(type)}`)
    return ['nsenter', ...flags, '--']
  }

  /** Ends the holder, and with it the namespaces that nobody else is in. */
  async release(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    const holder = this.#holder
    if (holder === undefined) return
    // With a pid namespace it is a child of what was killed, and ends a moment later.
    signalProcess(holder, 'SIGKILL')
    await until(() => !isProcessAlive(holder), { timeoutMs: releaseMs, what: `holder ${this.pid} to end` })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}

/** `unshare` and `nsenter` call two namespaces otherwise than the kernel does. */
function flagOf(type: string): string {
  return type === 'mnt' ? 'mount' : type
}

interface Holder {
  readonly child: ChildProcess
  readonly stdin: Writable
  /** The lines that it prints. @throws when it ends instead */
  readonly answers: { next(): Promise<string> }
  readonly stderr: Promise<string>
}

/** Says its pid as this host counts, waits for its maps to be written, runs the script, and then waits to be ended. */
function startHolder(
  types: readonly string[],
  { script = '', arguments: words = [], prefix = [] }: HeldNamespacesOptions,
): Holder {
  const program = `set -e; read -r pid rest </proc/self/stat; echo "$pid"; read -r go
${script}
echo ready; exec cat >/dev/null`
  const flags = types.map((type) => `--${flagOf(type)}`)
  const command = [...prefix, 'unshare', '--kill-child', ...flags, 'sh', '-c', program, 'sh', ...words]
  const [name = '', ...args] = command
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined) // it has ended, which shows in what it did not answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the holder ended')
    return String(value)
  }
  return { child, stdin: child.stdin, answers: { next }, stderr: textOf(child, child.stderr) }
}

/** All that it says until it ends. */
async function textOf(child: ChildProcess, stream: Readable): Promise<string> {
  const chunks: string[] = []
  child.on('error', ({ message }) => chunks.push(message))
  try {
    for await (const chunk of stream) chunks.push(String(chunk))
  } catch {
    // What it said so far is what there is to tell.
  }
  return chunks.join('').trim()
}

function writeIdMaps(pid: number, lines: readonly IdMapLine[]): void {
  const text = lines.map((line) => `${line.join(' ')}\n`).join('')
  writeFileSync(`/proc/${pid}/uid_map`, text)
  writeFileSync(`/proc/${pid}/gid_map`, text)
}
