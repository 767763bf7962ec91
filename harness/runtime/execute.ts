import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeepReadonly, type ProcessSpec, stringifyJson } from '../spec/index.ts'
import type { RunResult } from './command-record.ts'
import type { CallOptions } from './commands.ts'
import type { ContainerProcess } from './container-process.ts'
import type { Driver } from './driver.ts'
import type { ReadOptions } from './output.ts'
import { type ProcessFiles, runAttached, startDetached } from './process-command.ts'
import { endProcessOf } from './removal.ts'
import type { ProcessStreams, StdioOptions } from './stdio.ts'
import { execWords } from './verb-arguments.ts'
import type { Word } from './words.ts'

/**
 * What to execute in a container: the words of a command, which gets user, environment and directory of the
 * container's own process, or a process as in the configuration.
 */
export type ProcessToExecute = readonly string[] | DeepReadonly<ProcessSpec>

interface ExecuteOptions extends StdioOptions, CallOptions {
  /** Descriptors that the process inherits as 3 and on (`--preserve-fds`). */
  readonly preserveDescriptors?: readonly number[]
  /** More options for the verb, such as `--env`. */
  readonly arguments?: readonly string[]
}

/** How a process is executed and waited for. */
export interface ExecOptions extends ExecuteOptions, ReadOptions {
  /** Called once the command runs, with our ends of the pipes that were asked for. */
  readonly started?: (streams: ProcessStreams) => void
}

/** How a process is executed that outlives the command which starts it. */
export interface SpawnOptions extends ExecuteOptions {
  /** Whether to give it a terminal and receive that. When absent: if the process asks for one. */
  readonly console?: boolean
}

/** Executes a process in a container and waits for its end. @throws RuntimeError when it could not be started */
export async function execute(
  driver: Driver,
  id: string,
  process: ProcessToExecute,
  options: ExecOptions,
): Promise<RunResult> {
  const directory = driver.directories.forProcess(id)
  return await orNoProcess(driver, directory, async () => {
    const words = wordsOf(id, process, options, { directory })
    const result = await runAttached(driver, { directory, options, words }, options)
    driver.directories.remove(directory)
    return result
  })
}

/** Starts a process in a container. @throws RuntimeError when it could not be started */
export async function spawnIn(
  driver: Driver,
  id: string,
  process: ProcessToExecute,
  options: SpawnOptions,
): Promise<ContainerProcess> {
  const directory = driver.directories.forProcess(id)
  return await orNoProcess(driver, directory, async () => {
    const console = options.console ?? ('terminal' in process && process.terminal === true)
    const words = wordsOf(id, process, options, { directory, detach: true, terminal: console })
    const started = await startDetached(driver, { directory, options, words }, { console })
    driver.keepWithContainer(id, { directory, outputs: started.outputs, console: started.process.console })
    return started.process
  })
}

function wordsOf(
  id: string,
  process: ProcessToExecute,
  { preserveDescriptors, arguments: more }: ExecuteOptions,
  {
    directory,
    ...how
  }: { readonly directory: string; readonly detach?: boolean; readonly terminal?: boolean },
): (files: ProcessFiles) => readonly Word[] {
  const given = isCommand(process) ? { args: process } : { file: writeProcess(directory, process) }
  const descriptors = preserveDescriptors?.length
  return (files) =>
    execWords(id, { process: given, preserveDescriptors: descriptors, arguments: more, ...how, ...files })
}

function isCommand(process: ProcessToExecute): process is readonly string[] {
  return Array.isArray(process)
}

function writeProcess(directory: string, process: DeepReadonly<ProcessSpec>): string {
  const file = join(directory, 'process.json')
  writeFileSync(file, stringifyJson(process), { mode: 0o600 })
  return file
}

/** Starts a process; when that fails, neither the process nor a file is left. */
async function orNoProcess<T>(driver: Driver, directory: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    await endProcessOf(directory)
    driver.directories.remove(directory)
    throw error
  }
}
