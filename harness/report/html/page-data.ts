// What the HTML page is told, by the program that writes it; the page's script reads it. Imports nothing: it is
// compiled for Node and for browsers.

/** How one test ended on one runtime. */
export interface PageRun {
  readonly outcome: string
  readonly durationMs: number
  readonly runtimeMs: number
  /** Absent where there is nothing to explain. */
  readonly explanation?: string
  readonly expected?: string
  readonly actual?: string
  /** The command line that runs it again; of what is not as it should be. */
  readonly again?: string
  readonly commands?: readonly PageCommand[]
  /** Directory with everything to see it again, below that of results.json. */
  readonly artifacts?: string
}

/** A command that a test had the runtime run. */
export interface PageCommand {
  readonly line: string
  readonly end: string
  readonly stdout: string
  readonly stderr: string
}

/** A test, with how it ended on each runtime; `null` where it did not run. */
export interface PageTest {
  readonly id: string
  readonly suite: string
  readonly title: string
  readonly covers: readonly string[]
  readonly runs: readonly (PageRun | null)[]
}

/** A requirement, with the verdict on each runtime. */
export interface PageRequirement {
  readonly id: string
  readonly level: string
  readonly area: string
  readonly statement: string
  /** File and heading in the specification; empty where the catalogue does not know the requirement. */
  readonly place: string
  readonly url: string
  readonly verdicts: readonly string[]
}

/** Everything that the page shows. */
export interface PageData {
  readonly isGreen: boolean
  readonly startedAt: string
  readonly wallMs: number
  readonly runwright: string
  readonly host: string
  readonly runtimes: readonly {
    readonly name: string
    readonly version: string
    readonly command: string
    readonly specVersion: string
  }[]
  readonly problems: readonly { readonly title: string; readonly detail: string }[]
  readonly requirements: readonly PageRequirement[]
  readonly tests: readonly PageTest[]
}
