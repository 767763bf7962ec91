import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ExpectStatic } from 'vitest'
import type { Bundle } from '../bundle/index.ts'
import { type AttributedLeak, sweep } from '../guard/index.ts'
import { insideScript } from '../probe/index.ts'
import { onBaseline } from './baseline.ts'
import { ControlFailedError } from './broken.ts'
import type { CommandLog } from './command-log.ts'
import type { SuiteBundles, TestContext } from './context.ts'
import type { TestDeclaration } from './declaration.ts'
import type { SuiteEnvironment } from './environment.ts'

/** A test's context, and the end of everything that was made through it. */
export interface OpenTestContext {
  readonly context: TestContext
  /** The registered bundles that the test has asked for so far. */
  readonly bundles: readonly Bundle[]
  /** Removes what the test made. */
  close(): Promise<TestRemains>
}

/** What is left of a test that everything was done for to remove it. */
export interface TestRemains {
  /** Why something could not be removed. */
  readonly error?: Error
  /** What was there though everything had been removed. */
  readonly leaks: readonly AttributedLeak[]
}

/** Prepares the context of one test. */
export async function openTestContext(
  { id, suite }: TestDeclaration,
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
  const { patience, commandTimeoutMs } = environment
  const runtime = await session.runtime(environment.program, {
    idPrefix,
    signal,
    limitOf: patience.limitOf,
    observer: (record) => {
      log.add(record)
      patience.learn(record)
    },
    ...(commandTimeoutMs === undefined ? {} : { timeoutMs: commandTimeoutMs }),
  })
  const watch = environment.sentinel.begin(id, idPrefix)
  watch.uses(dirname(runtime.root))
  const directories: string[] = []
  const used: Bundle[] = []
  const bundles = bundlesOf(suite, environment, (bundle) => {
    used.push(bundle)
    watch.uses(bundle.path)
  })
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
    id: (suffix) => (suffix === undefined ? idPrefix : `${idPrefix}-${shortened(suffix)}`),
    temporaryDirectory: async () => {
      const directory = await session.temporaryDirectory(suite)
      directories.push(directory)
      watch.uses(directory)
      return directory
    },
    signal,
  }
  const remove = async () => {
    await session.removeContainers(runtime)
    for (const directory of directories) await rm(directory, { recursive: true, force: true })
  }
  const close = async () => {
    const error = await remove().then(() => undefined, toError)
    const leaks = await watch.end([runtime])
    if (leaks.length > 0) await sweep(idPrefix, [runtime])
    if (error !== undefined) return { error, leaks }
    // A body that was cut short may still be at it.
    await session.closeRuntime(runtime, { mayBeUsed: signal.aborted })
    return { leaks }
  }
  return { context, bundles: used, close }
}

function bundlesOf(
  suite: string,
  { bundles }: SuiteEnvironment,
  used: (bundle: Bundle) => void,
): SuiteBundles {
  const from: SuiteBundles['from'] = async (source, name, args, filter, options) => {
    const whole = onBaseline(filter)
    const bundle = await bundles.createBundleWithFilter(source, `${suite}-${name}`, args, whole, options)
    used(bundle)
    return bundle
  }
  return { from, busybox: (...asked) => from('busybox', ...asked) }
}

/** A runtime may have the id in the path of a socket, which is no longer than 107 bytes. */
const longestSuffix = 16

function shortened(suffix: string): string {
  if (suffix.length <= longestSuffix) return suffix
  return createHash('sha256').update(suffix).digest('hex').slice(0, longestSuffix)
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
