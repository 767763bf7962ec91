import { rm } from 'node:fs/promises'
import type { ExpectStatic } from 'vitest'
import { insideScript } from '../probe/index.ts'
import { ControlFailedError } from './broken.ts'
import type { CommandLog } from './command-log.ts'
import type { SuiteBundles, TestContext } from './context.ts'
import type { TestDeclaration } from './declaration.ts'
import type { SuiteEnvironment } from './environment.ts'

/** A test's context, and the end of everything that was made through it. */
export interface OpenTestContext {
  readonly context: TestContext
  /** Removes what the test made. Gives the error when something could not be removed. */
  close(): Promise<Error | undefined>
}

/** Prepares the context of one test. */
export async function openTestContext(
  { suite }: TestDeclaration,
  environment: SuiteEnvironment,
  options: {
    readonly expect: ExpectStatic
    readonly signal: AbortSignal
    readonly log: CommandLog
  },
): Promise<OpenTestContext> {
  const { session } = environment
  const { expect, signal, log } = options
  const idPrefix = session.nextPrefix()
  const runtime = await session.runtime(environment.runtime.name, { idPrefix, signal, observer: log.add })
  const directories: string[] = []
  const bundles = bundlesOf(suite, environment)
  const context: TestContext = {
    runtime,
    bundles,
    observe: async (name, filter) => {
      const bundle = await bundles.busybox(name, ['sh', '-c', insideScript], filter)
      const isKnown = environment.observations.isKnown(bundle)
      const { observation, command } = await unlessStopped(environment.observations.of(bundle), signal)
      if (isKnown) log.addShared(command)
      else log.add(command)
      return observation
    },
    expect,
    control,
    id: (suffix) => (suffix === undefined ? idPrefix : `${idPrefix}-${suffix}`),
    temporaryDirectory: async () => {
      const directory = await session.temporaryDirectory(suite)
      directories.push(directory)
      return directory
    },
    signal,
  }
  const close = async () => {
    await session.closeRuntime(runtime)
    for (const directory of directories) await rm(directory, { recursive: true, force: true })
  }
  return { context, close: () => close().then(() => undefined, toError) }
}

function bundlesOf(suite: string, { bundles }: SuiteEnvironment): SuiteBundles {
  return {
    busybox: (name, args, filter) => bundles.createBusyboxBundle(`${suite}-${name}`, args, filter),
    from: (source, name, args, filter) =>
      bundles.createBundleWithFilter(source, `${suite}-${name}`, args, filter),
  }
}

/** Waits, but no longer than until the test is stopped. */
async function unlessStopped<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  const waiting = new AbortController()
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true, signal: waiting.signal })
  })
  try {
    return await Promise.race([value, stopped])
  } finally {
    waiting.abort()
  }
}

async function control<T>(what: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (cause) {
    throw new ControlFailedError(`it could not be shown that ${what}: ${toError(cause).message}`, { cause })
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
