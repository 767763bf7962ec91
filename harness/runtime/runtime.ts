import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { atThisPace, parseSignal } from '../host/index.ts'
import {
  type DeepReadonly,
  type Features,
  type LinuxResources,
  loadSpec,
  type Spec,
  type State,
  stringifyJson,
} from '../spec/index.ts'
import { featuresIn, type ListedContainer, listIn, pidsIn, stateIn, statsIn } from './answers.ts'
import type { CommandRecord, RunResult } from './command-record.ts'
import { type CallOptions, type CommandSettings, Commands } from './commands.ts'
import { Container } from './container.ts'
import { ContainerIds, checkContainerId } from './container-id.ts'
import { ContainerProcess } from './container-process.ts'
import { Driver } from './driver.ts'
import { RuntimeOptionError } from './errors.ts'
import { type EventsOptions, followEvents } from './event-stream.ts'
import { type ExecOptions, execute, type ProcessToExecute, type SpawnOptions, spawnIn } from './execute.ts'
import type { FinishedCommand } from './finished-command.ts'
import type { GlobalOptions } from './global-arguments.ts'
import { loadedInit } from './init-record.ts'
import {
  type BundlePath,
  type CreateOptions,
  launchAttached,
  launchDetached,
  type RunOptions,
} from './launch.ts'
import { CapturedOutput, ForeignOutput, type Output } from './output.ts'
import { OwnDirectories } from './own-directories.ts'
import { type ProcessTable, parseProcessTable } from './process-table.ts'
import { removeContainer } from './removal.ts'
import type { RuntimeEvent, RuntimeStats } from './stats.ts'
import {
  type CheckpointOptions,
  type CriuOptions,
  checkpointWords,
  deleteWords,
  killWords,
  launchWords,
  restoreWords,
} from './verb-arguments.ts'
import { parseVersion, type RuntimeVersion } from './version.ts'
import type { Word } from './words.ts'

/** How a runtime is driven. */
export interface RuntimeOptions {
  /** The runtime's program: a path, or a name to be found on PATH. */
  readonly command: string
  /** Where the runtime keeps its containers' state (`--root`); made with mode 0711 if it is not there. */
  readonly root: string
  /**
   * A private directory for the harness's own files: pid files, captured output, logs. Its entries are at the same
   * time the record of the containers that may exist, see `recordedContainers`.
   */
  readonly directory: string
  /** Words put in front of the command, such as those that enter a mount namespace for it. */
  readonly prefix?: readonly string[]
  /** What the ids of containers begin with that are created without an id; random when absent. */
  readonly idPrefix?: string
  /**
   * A log file of the caller's (`--log`). Without it every command gets one of its own, which is read for errors and
   * removed; a file shared by commands that overlap mixes what they log, in errors too.
   */
  readonly log?: string
  /** `json` unless told. */
  readonly logFormat?: 'json' | 'text'
  readonly debug?: boolean
  readonly systemdCgroup?: boolean
  /** `--rootless=true` or `=false`; left to the runtime when absent. */
  readonly rootless?: boolean
  /** More global options, put right before the verb. */
  readonly arguments?: readonly string[]
  /**
   * Added to this process's environment; `undefined` takes a variable out. What a service manager addressed to this
   * process alone (`NOTIFY_SOCKET`, `LISTEN_FDS` and its kin) is not passed on.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** This process's own when absent. */
  readonly workingDirectory?: string
  /** How long one command may take, in milliseconds; 30 s unless told. */
  readonly timeoutMs?: number
  /**
   * Asked before every command how long, in milliseconds, one with this verb may take at most, whatever else was said;
   * for a verb that is known to hang.
   */
  readonly limitOf?: (verb: string) => number | undefined
  /** How long a command that is stopped has between SIGTERM and SIGKILL, in milliseconds; 1 s unless told. */
  readonly graceMs?: number
  /** Told of every command once it has ended. */
  readonly observer?: (record: CommandRecord) => void
  /** Stops whatever command runs, and lets none begin but those that clean up. */
  readonly signal?: AbortSignal
}

/** How a container is restored from a checkpoint. */
export interface RestoreOptions
  extends CriuOptions,
    Omit<CreateOptions, 'preserveDescriptors' | 'noNewKeyring' | 'arguments'> {
  /** Where the image is. */
  readonly imagePath: string
  readonly noSubreaper?: boolean
}

/** How a command of any form is run. */
export interface RawCommandOptions extends CallOptions {
  /** Text for its standard input; empty unless told. */
  readonly input?: string
  readonly workingDirectory?: string
}

const rootMode = 0o711
const defaultTimeoutMs = 30_000
const defaultGraceMs = 1_000
const defaultRemoveMs = 10_000

const variablesOfOurOwn = ['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES'] as const

/**
 * Drives the command line of an OCI runtime: one method a verb. Every method runs one command with a time limit and
 * throws a `RuntimeError` when it fails; its message alone tells what happened.
 */
export class Runtime {
  /** The runtime's program: an absolute path, or a name to be found on PATH. */
  readonly program: string
  /** Words put in front of the command. */
  readonly prefix: readonly string[]
  /** Global options put right before the verb. */
  readonly arguments: readonly string[]
  /** Where the runtime keeps its containers' state. */
  readonly root: string
  /** Where the harness keeps its own files about them. */
  readonly directory: string
  readonly #options: RuntimeOptions
  readonly #driver: Driver

  /** @throws RuntimeOptionError; InvalidContainerIdError for a prefix that no id can begin with */
  constructor(options: RuntimeOptions) {
    for (const name of ['command', 'root', 'directory'] as const) {
      if (options[name] === '') throw new RuntimeOptionError(`the option ${name} of a runtime is empty`)
    }
    this.#options = options
    this.program = options.command.includes('/') ? resolve(options.command) : options.command
    this.prefix = options.prefix ?? []
    this.arguments = options.arguments ?? []
    this.root = resolve(options.root)
    const directories = new OwnDirectories(options.directory)
    this.directory = directories.path
    mkdirSync(this.root, { recursive: true, mode: rootMode })
    const commands = new Commands(this.#settings(options), directories)
    this.#driver = new Driver(commands, directories, this.root, new ContainerIds(options.idPrefix))
  }

  #settings({
    environment,
    log,
    logFormat,
    debug,
    systemdCgroup,
    rootless,
    ...options
  }: RuntimeOptions): CommandSettings {
    const ours = Object.fromEntries(variablesOfOurOwn.map((name) => [name, undefined]))
    const globals: GlobalOptions = {
      root: this.root,
      log: log === undefined ? undefined : resolve(log),
      logFormat,
      debug,
      systemdCgroup,
      rootless,
      arguments: this.arguments,
    }
    return {
      command: this.program,
      prefix: this.prefix,
      globals,
      environment: { ...process.env, ...ours, ...environment },
      workingDirectory: resolve(options.workingDirectory ?? process.cwd()),
      timeoutMs: options.timeoutMs ?? atThisPace(defaultTimeoutMs),
      limitOf: options.limitOf,
      graceMs: options.graceMs ?? defaultGraceMs,
      signal: options.signal,
      observer: options.observer,
    }
  }

  /**
   * The same runtime with the same containers, whose commands are called in other circumstances. What is created
   * through it is in the records of both.
   *
   * @param circumstances.through words that run the command which follows them, such as `nice -n 5`
   * @param circumstances.environment added to that of this driver
   */
  called({
    through = [],
    environment = {},
  }: {
    readonly through?: readonly string[]
    readonly environment?: Readonly<Record<string, string | undefined>>
  }): Runtime {
    return new Runtime({
      ...this.#options,
      prefix: [...through, ...this.prefix],
      environment: { ...this.#options.environment, ...environment },
    })
  }

  /**
   * The same runtime with other words put in front of its command, such as those that enter a namespace. Its root and
   * its records are the same: what one creates, the other can remove.
   */
  behind(prefix: readonly string[]): Runtime {
    return new Runtime({ ...this.#options, prefix })
  }

  /** The same runtime, which has systemd make the cgroups of its containers (`--systemd-cgroup`). */
  askingSystemd(): Runtime {
    return new Runtime({ ...this.#options, systemdCgroup: true })
  }

  /**
   * Creates a container; its program waits for `start`. When that fails, nothing is left of the attempt.
   *
   * The container's output goes to files of the harness unless told, never to a pipe that this call waits on.
   *
   * @throws RuntimeError; InvalidContainerIdError
   */
  async create(bundle: BundlePath, options: CreateOptions = {}): Promise<Container> {
    const { id, init } = await launchDetached(this.#driver, bundle, options, (name, launch) =>
      launchWords('create', name, launch),
    )
    return new Container(this, id, bundle, init)
  }

  /**
   * Runs a container to its end (`run`), and gives its program's exit code: 128 + number for a signal.
   *
   * @throws RuntimeError when the runtime itself failed; InvalidContainerIdError
   */
  async run(bundle: BundlePath, options: RunOptions = {}): Promise<RunResult> {
    return await launchAttached(this.#driver, bundle, options, (name, launch) =>
      launchWords('run', name, launch),
    )
  }

  /** Creates and starts a container by one command (`run --detach`). Throws as `create` does. */
  async runDetached(bundle: BundlePath, options: CreateOptions = {}): Promise<Container> {
    const { id, init } = await launchDetached(this.#driver, bundle, options, (name, launch) =>
      launchWords('run', name, { ...launch, detach: true }),
    )
    return new Container(this, id, bundle, init)
  }

  /**
   * Finds a container that exists already, also one that another process created. Its output can be read if it was
   * captured by a driver with the same directory; its exit status is known only in the process that created it.
   *
   * @throws RuntimeError when the runtime knows of none
   */
  async load(id: string, options?: CallOptions): Promise<Container> {
    checkContainerId(id)
    const command = await this.#run(['state', id], options)
    const { bundle, pid } = stateIn(command)
    const directory = this.#driver.directories.of(id)
    const [stdout, stderr] = [outputIn(directory, 'stdout'), outputIn(directory, 'stderr')]
    this.#driver.keepWithContainer(id, { directory, outputs: [stdout, stderr], console: undefined })
    const init = new ContainerProcess({
      identity: loadedInit(directory, pid),
      stdout,
      stderr,
      streams: { stdin: undefined, stdout: undefined, stderr: undefined },
      console: undefined,
      command: command.record,
      log: command.log,
    })
    return new Container(this, id, { path: bundle }, init)
  }

  /** Starts the program of a created container. */
  async start(id: string, options?: CallOptions): Promise<RunResult> {
    return await this.#succeed(['start', id], options)
  }

  /** What the runtime says about a container. @throws RuntimeError, also when it says no valid state */
  async state(id: string, options?: CallOptions): Promise<State> {
    return stateIn(await this.#run(['state', id], options))
  }

  /**
   * Sends a signal to a container's init.
   *
   * @param signal a name or number, as in signal(7); the runtime is told the number
   * @param options.all send it to all processes of the container
   * @throws RuntimeError; UnknownSignalError
   */
  async kill(
    id: string,
    signal: string | number = 'SIGTERM',
    options: CallOptions & { readonly all?: boolean } = {},
  ): Promise<RunResult> {
    return await this.#succeed(killWords(id, parseSignal(signal), options), options)
  }

  /** Deletes a container, and then the harness's files about it. @param options.force also if it still runs */
  async delete(id: string, options: CallOptions & { readonly force?: boolean } = {}): Promise<RunResult> {
    checkContainerId(id)
    const result = await this.#succeed(deleteWords(id, options), options)
    this.#driver.forget(id)
    return result
  }

  /**
   * Removes a container whatever state it is in: kills it, waits for its end, deletes it by force and closes its
   * terminals. Also works after the driver's own signal has fired.
   *
   * @param options.timeoutMs for all of it, in milliseconds; 10 s unless told
   * @throws RuntimeError when it is still there at the deadline
   */
  async remove(
    id: string,
    { timeoutMs = atThisPace(defaultRemoveMs) }: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    checkContainerId(id)
    await removeContainer(this.#driver, id, timeoutMs)
  }

  /**
   * Executes a process in a container, waits for its end and gives its exit code: 128 + number for a signal.
   *
   * @throws RuntimeError when it could not be started
   */
  async exec(id: string, process: ProcessToExecute, options: ExecOptions = {}): Promise<RunResult> {
    return await execute(this.#driver, id, process, options)
  }

  /** Starts a process in a container that goes on (`exec --detach`); its exit status is exact. */
  async spawn(id: string, process: ProcessToExecute, options: SpawnOptions = {}): Promise<ContainerProcess> {
    return await spawnIn(this.#driver, id, process, options)
  }

  /** Waits until all files are gone that the driver had of what was deleted; it forgets them without waiting. */
  async settled(): Promise<void> {
    await this.#driver.directories.settled()
  }

  /** The containers below this driver's root. */
  async list(options?: CallOptions): Promise<readonly ListedContainer[]> {
    return listIn(await this.#run(['list', '--format=json'], options))
  }

  /** The pids of a container's processes, as the host sees them. */
  async ps(id: string, options?: CallOptions): Promise<readonly number[]> {
    return pidsIn(await this.#run(['ps', '--format', 'json', id], options))
  }

  /** A container's processes as a table. @param psArguments for ps(1); the runtime's own choice when absent */
  async top(id: string, psArguments: readonly string[] = [], options?: CallOptions): Promise<ProcessTable> {
    const command = await this.#run(['ps', '--format', 'table', id, ...psArguments], options)
    return parseProcessTable(command.output())
  }

  /** Measures a container once. */
  async stats(id: string, options?: CallOptions): Promise<RuntimeStats> {
    return statsIn(await this.#run(['events', '--stats', id], options))
  }

  /**
   * Follows a container's events: measurements and out-of-memory notices. Ends when the runtime ends them; leaving the
   * loop stops the command. There is no time limit unless one is given.
   *
   * @throws while iterating: RuntimeError, also for output that is no event; RuntimeOptionError
   */
  events(id: string, options: EventsOptions = {}): AsyncGenerator<RuntimeEvent, void> {
    return followEvents(this.#driver, id, options)
  }

  async pause(id: string, options?: CallOptions): Promise<RunResult> {
    return await this.#succeed(['pause', id], options)
  }

  async resume(id: string, options?: CallOptions): Promise<RunResult> {
    return await this.#succeed(['resume', id], options)
  }

  /** Changes a container's resource limits. */
  async update(
    id: string,
    resources: DeepReadonly<LinuxResources>,
    options: CallOptions = {},
  ): Promise<RunResult> {
    const input = stringifyJson(resources)
    return (await this.#run(['update', '--resources=-', id], { ...options, input })).expectSuccess().result()
  }

  /** Writes a container's state to an image; with `preDump`, its memory only. */
  async checkpoint(id: string, options: CheckpointOptions & CallOptions): Promise<RunResult> {
    const { statusDescriptor } = options
    const descriptors = statusDescriptor === undefined ? undefined : [statusDescriptor]
    const request = { words: checkpointWords(id, options), ...limitsOf(options), descriptors }
    return (await this.#driver.commands.run(request)).expectSuccess().result()
  }

  /** Restores a container from an image (`restore --detach`). Throws as `create` does. */
  async restore(bundle: BundlePath, options: RestoreOptions): Promise<Container> {
    const { arguments: _more, ...launchOptions } = { arguments: undefined, ...options }
    const { id, init } = await launchDetached(this.#driver, bundle, launchOptions, (name, launch) =>
      restoreWords(name, { ...launch, detach: true }, options),
    )
    return new Container(this, id, bundle, init)
  }

  /** What the runtime says about itself. What it does not say is undefined. */
  async version(options?: CallOptions): Promise<RuntimeVersion> {
    return parseVersion((await this.#run(['--version'], options)).output())
  }

  /** What the runtime says it can do (features.md). */
  async features(options?: CallOptions): Promise<Features> {
    return featuresIn(await this.#run(['features'], options))
  }

  /** The configuration that the runtime's own `spec` writes. */
  async spec({
    rootless = false,
    ...options
  }: CallOptions & { readonly rootless?: boolean } = {}): Promise<Spec> {
    const workingDirectory = this.#driver.directories.commandFile('spec')
    mkdirSync(workingDirectory, { mode: 0o700 })
    try {
      const words = ['spec', ...(rootless ? ['--rootless'] : [])]
      const command = (await this.#run(words, { ...options, workingDirectory })).expectSuccess()
      return await writtenSpec(command, join(workingDirectory, 'config.json'))
    } finally {
      rmSync(workingDirectory, { recursive: true, force: true })
    }
  }

  /**
   * Runs any command of the runtime, with the global options in front, and gives its result whatever the exit code.
   *
   * @param words the verb and what follows it; passed on as they are
   * @throws RuntimeError only when the command could not be started, or was stopped
   */
  async command(words: readonly string[], options: RawCommandOptions = {}): Promise<RunResult> {
    return (await this.#run(words, options)).result()
  }

  async #run(words: readonly Word[], options: RawCommandOptions = {}): Promise<FinishedCommand> {
    const { input, workingDirectory } = options
    return await this.#driver.commands.run({ words, input, workingDirectory, ...limitsOf(options) })
  }

  async #succeed(words: readonly Word[], options?: CallOptions): Promise<RunResult> {
    return (await this.#run(words, options)).expectSuccess().result()
  }
}

function limitsOf({ timeoutMs, signal }: CallOptions): CallOptions {
  return { timeoutMs, signal }
}

function outputIn(directory: string, name: string): Output {
  const path = join(directory, name)
  return existsSync(path)
    ? new CapturedOutput(path)
    : new ForeignOutput('somewhere unknown: the container was loaded')
}

async function writtenSpec(command: FinishedCommand, file: string): Promise<Spec> {
  try {
    return await loadSpec(file, { semantics: false })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw command.failure({ kind: 'output', expectation: `wrote no configuration: ${reason}` }, { cause })
  }
}
