import { rm } from 'node:fs/promises'
import type { ExpectStatic } from 'vitest'
import type { CommandRecord } from '../runtime/index.ts'
import { ControlFailedError } from './broken.ts'
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
    readonly observer: (record: CommandRecord) => void
  },
): Promise<OpenTestContext> {
  const { session } = environment
  const { expect, signal, observer } = options
  const idPrefix = session.nextPrefix()
  const runtime = await session.runtime(environment.runtime.name, { idPrefix, signal, observer })
  const directories: string[] = []
  const context: TestContext = {
    runtime,
    bundles: bundlesOf(suite, environment),
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
