import type { DeepReadonly, Spec } from '../spec/index.ts'
import type { RunResult } from './command-record.ts'
import type { CallOptions } from './commands.ts'
import type { ContainerProcess } from './container-process.ts'
import type { Driver } from './driver.ts'
import { recordInit } from './init-record.ts'
import type { ReadOptions } from './output.ts'
import { type ProcessFiles, runAttached, startDetached } from './process-command.ts'
import { orNothing } from './removal.ts'
import type { ProcessStreams, StdioOptions } from './stdio.ts'
import type { LaunchArguments } from './verb-arguments.ts'
import type { Word } from './words.ts'

/** A bundle as the driver needs it: a registered one, or any directory that a runtime is to take for one. */
export interface BundlePath {
  /** Absolute. */
  readonly path: string
  readonly spec?: DeepReadonly<Spec> | undefined
}

interface LaunchOptions extends StdioOptions, CallOptions {
  /** A fresh one is given when absent. */
  readonly id?: string
  /** Descriptors that the container inherits as 3 and on (`--preserve-fds`). */
  readonly preserveDescriptors?: readonly number[]
  readonly noPivot?: boolean
  readonly noNewKeyring?: boolean
  /** More options for the verb. */
  readonly arguments?: readonly string[]
}

/** How a container is made that outlives the command which makes it. */
export interface CreateOptions extends LaunchOptions {
  /**
   * Whether to receive the container's terminal over a console socket. When absent: if the bundle's spec asks for a
   * terminal.
   */
  readonly console?: boolean
}

/** How a container is run to its end. */
export interface RunOptions extends LaunchOptions, ReadOptions {
  /** Leave the stopped container there (`--keep`). */
  readonly keep?: boolean
  /** Called once the command runs, with our ends of the pipes that were asked for. */
  readonly started?: (streams: ProcessStreams) => void
}

/** The words of the command, given what every such command is told. */
export type LaunchWords = (id: string, launch: LaunchArguments) => readonly Word[]

/** A container that was made and is there. */
export interface Launched {
  readonly id: string
  readonly init: ContainerProcess
}

/**
 * Makes a container by a command that ends while the container lives. When that fails in any way, nothing is left of
 * it: no container, process, file or directory.
 *
 * @throws RuntimeError; InvalidContainerIdError; what opening the files of `options` throws
 */
export async function launchDetached(
  driver: Driver,
  bundle: BundlePath,
  options: CreateOptions,
  words: LaunchWords,
): Promise<Launched> {
  const attempt = driver.claim(options.id)
  const { id, path: directory } = attempt
  return await orNothing(driver, attempt, async () => {
    const command = {
      directory,
      options,
      words: (files: ProcessFiles) => words(id, argumentsOf(bundle, options, files)),
    }
    const console = options.console ?? bundle.spec?.process?.terminal === true
    const { process: init, outputs } = await startDetached(driver, command, { console })
    if (init.identity !== undefined) recordInit(directory, init.identity)
    driver.keepWithContainer(id, { directory, outputs, console: init.console })
    return { id, init }
  })
}

/**
 * Makes a container by a command that lasts as long as the container does.
 *
 * @throws RuntimeError when the runtime failed, as opposed to the container's program
 */
export async function launchAttached(
  driver: Driver,
  bundle: BundlePath,
  options: RunOptions,
  words: LaunchWords,
): Promise<RunResult> {
  const attempt = driver.claim(options.id)
  const { id, path: directory } = attempt
  return await orNothing(driver, attempt, async () => {
    const command = {
      directory,
      options,
      words: (files: ProcessFiles) => words(id, argumentsOf(bundle, options, files)),
    }
    const result = await runAttached(driver, command, options)
    if (!driver.mayHold(id)) driver.directories.remove(directory)
    return result
  })
}

function argumentsOf(
  bundle: BundlePath,
  { preserveDescriptors, noPivot, noNewKeyring, arguments: more, ...options }: LaunchOptions,
  { pidFile, consoleSocket }: ProcessFiles,
): LaunchArguments {
  return {
    bundle: bundle.path,
    pidFile,
    consoleSocket,
    preserveDescriptors: preserveDescriptors?.length,
    noPivot,
    noNewKeyring,
    keep: 'keep' in options && options.keep === true,
    arguments: more,
  }
}
