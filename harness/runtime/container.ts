import type { DeepReadonly, LinuxResources, State } from '../spec/index.ts'
import type { RunResult } from './command-record.ts'
import type { CallOptions } from './commands.ts'
import type { ContainerProcess, WaitOptions } from './container-process.ts'
import type { EventsOptions } from './event-stream.ts'
import type { ExecOptions, ProcessToExecute, SpawnOptions } from './execute.ts'
import type { BundlePath } from './launch.ts'
import type { ReadOptions } from './output.ts'
import type { ProcessTable } from './process-table.ts'
import type { Runtime } from './runtime.ts'
import type { RuntimeEvent, RuntimeStats } from './stats.ts'
import type { CheckpointOptions } from './verb-arguments.ts'

/**
 * A container of a runtime. Its methods are the runtime's of the same name, and throw as those do.
 *
 * With `await using` it is removed at the end of the block, whatever state it is in then.
 */
export class Container implements AsyncDisposable {
  readonly id: string
  readonly bundle: BundlePath
  /** Its first process, as seen from the host. */
  readonly init: ContainerProcess
  readonly #runtime: Runtime
  #isDeleted = false

  constructor(runtime: Runtime, id: string, bundle: BundlePath, init: ContainerProcess) {
    this.#runtime = runtime
    this.id = id
    this.bundle = bundle
    this.init = init
  }

  /** Starts the program of a created container. */
  async start(options?: CallOptions): Promise<RunResult> {
    return await this.#runtime.start(this.id, options)
  }

  /** What the runtime says about it. */
  async state(options?: CallOptions): Promise<State> {
    return await this.#runtime.state(this.id, options)
  }

  /** What the runtime says its status is: `created`, `running`, `stopped`, or one of the runtime's own. */
  async status(options?: CallOptions): Promise<string> {
    return (await this.state(options)).status
  }

  /** Has the runtime send a signal to its init, SIGTERM unless told. */
  async kill(
    signal: string | number = 'SIGTERM',
    options?: CallOptions & { readonly all?: boolean },
  ): Promise<RunResult> {
    return await this.#runtime.kill(this.id, signal, options)
  }

  /** Executes a process in it and waits for its end. */
  async exec(process: ProcessToExecute, options?: ExecOptions): Promise<RunResult> {
    return await this.#runtime.exec(this.id, process, options)
  }

  /** Starts a process in it that goes on. */
  async spawn(process: ProcessToExecute, options?: SpawnOptions): Promise<ContainerProcess> {
    return await this.#runtime.spawn(this.id, process, options)
  }

  async pause(options?: CallOptions): Promise<RunResult> {
    return await this.#runtime.pause(this.id, options)
  }

  async resume(options?: CallOptions): Promise<RunResult> {
    return await this.#runtime.resume(this.id, options)
  }

  async update(resources: DeepReadonly<LinuxResources>, options?: CallOptions): Promise<RunResult> {
    return await this.#runtime.update(this.id, resources, options)
  }

  /** The pids of its processes, as the host sees them. */
  async ps(options?: CallOptions): Promise<readonly number[]> {
    return await this.#runtime.ps(this.id, options)
  }

  async top(psArguments?: readonly string[], options?: CallOptions): Promise<ProcessTable> {
    return await this.#runtime.top(this.id, psArguments, options)
  }

  async stats(options?: CallOptions): Promise<RuntimeStats> {
    return await this.#runtime.stats(this.id, options)
  }

  events(options?: EventsOptions): AsyncGenerator<RuntimeEvent, void> {
    return this.#runtime.events(this.id, options)
  }

  async checkpoint(options: CheckpointOptions & CallOptions): Promise<RunResult> {
    return await this.#runtime.checkpoint(this.id, options)
  }

  /** Deletes it. What was captured of its output, up to a megabyte, can still be read. */
  async delete(options?: CallOptions & { readonly force?: boolean }): Promise<RunResult> {
    const result = await this.#runtime.delete(this.id, options)
    this.#isDeleted = true
    return result
  }

  /** Waits until its init has ended. See `ContainerProcess.wait`. */
  async wait(options?: WaitOptions & ReadOptions): Promise<RunResult> {
    return await this.init.wait(options)
  }

  /** Removes it, whatever state it is in. See `Runtime.remove`. */
  async remove(options?: { readonly timeoutMs?: number }): Promise<void> {
    if (this.#isDeleted) return
    await this.#runtime.remove(this.id, options)
    this.#isDeleted = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.init.console?.close()
    await this.remove()
  }
}
