import { join } from 'node:path'
import { all, type Fault, FaultServer } from '../fault/index.ts'
import { Session } from '../guard/index.ts'
import {
  followRun,
  type LoadedSuites,
  loadSuites,
  longestSilenceMs,
  type RunEnd,
  type RunListener,
  SuitesWorker,
} from '../run/index.ts'
import type { ResolvedRuntime } from '../runtime/index.ts'
import { describeRuntime, type RuntimeUnderTest } from '../suite/index.ts'

/** How tests are run for a proof. */
export interface WorkbenchOptions {
  readonly runtime: ResolvedRuntime
  /** File URL of the module whose suites are to be proved. */
  readonly suitesModule: string
  /** How many tests may be under way at once. */
  readonly jobs: number
  /** How long one command of a runtime may take, in milliseconds. */
  readonly commandTimeoutMs: number
}

/** Tests, by their ids, that are to be run on a runtime with a fault. */
export interface FaultyRun {
  readonly fault: Fault
  readonly tests: readonly string[]
}

/** A runtime that is wrong in nothing: what a test does on it is what it does on the real runtime. */
export const unmodified: Fault = {
  id: 'unmodified',
  area: 'none',
  violates: [],
  sentence: 'The runtime does everything as the real one does.',
  effect: all(),
}

const closeMs = 120_000

/** A session in which faulty runtimes are served and tests are run on them. */
export class Workbench implements AsyncDisposable {
  readonly suites: LoadedSuites
  readonly server: FaultServer
  readonly #options: WorkbenchOptions
  readonly #session: Session
  readonly #real: RuntimeUnderTest

  private constructor(
    options: WorkbenchOptions,
    parts: {
      readonly suites: LoadedSuites
      readonly session: Session
      readonly server: FaultServer
      readonly real: RuntimeUnderTest
    },
  ) {
    this.#options = options
    this.suites = parts.suites
    this.server = parts.server
    this.#session = parts.session
    this.#real = parts.real
  }

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const suites = await loadSuites([{ url: options.suitesModule }])
    const session = await Session.open()
    try {
      const real = await describeRuntime(session, options.runtime)
      const directory = join(await session.temporaryDirectory('faults'), 'served')
      const server = await FaultServer.start({ directory, real: options.runtime.command })
      return new Workbench(options, { suites, session, server, real })
    } catch (error) {
      await session.close()
      throw error
    }
  }

  /**
   * Runs tests on faulty runtimes, those of all side by side.
   *
   * @param listener is told which fault a report is about
   */
  async run(
    runs: readonly FaultyRun[],
    ended: (report: Parameters<NonNullable<RunListener['ended']>>[0], fault: Fault) => void,
    cancelled: AbortSignal,
  ): Promise<RunEnd> {
    const { suitesModule, jobs, commandTimeoutMs } = this.#options
    const served = runs.map(({ fault, tests }) => ({ fault, tests, executable: this.server.add(fault) }))
    const faults = new Map(served.map(({ executable, fault }) => [executable, fault]))
    const wanted = new Set(runs.flatMap(({ tests }) => tests))
    const plan = {
      session: this.#session.directory,
      temporaryDirectory: await this.#session.temporaryDirectory('runner'),
      runtimes: served.map(({ executable, tests }) => ({
        // The harness resolves it by its name, and finds the profile by its version.
        runtime: { ...this.#real, name: executable, command: executable },
        selection: tests,
      })),
      suites: [{ url: suitesModule }],
      jobs,
      commandTimeoutMs,
      deviations: [],
      removesBundles: true,
    }
    const listener: RunListener = {
      ended: (report) => {
        const fault = faults.get(report.runtime)
        // A test that was cut short says nothing.
        if (fault !== undefined && !cancelled.aborted) ended(report, fault)
      },
    }
    const worker = SuitesWorker.start()
    worker.begin(plan)
    const end = await followRun(worker, listener, {
      cancelled,
      longestSilenceMs: longestSilenceMs(
        this.suites.suites.flatMap(({ tests }) => tests.filter(({ id }) => wanted.has(id))),
      ),
    })
    for (const { fault } of served) this.server.remove(fault)
    return end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close()
    // What a fault has left is the fault's; it is removed.
    await this.#session.close({ members: 'end', deadlineMs: closeMs })
  }
}
