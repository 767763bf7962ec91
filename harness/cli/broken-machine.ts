import { type HostFacts, hostFacts } from '../host/index.ts'
import type { VirtualMachineDiedError } from '../machine/index.ts'
import { buildResults, describeRun, paintFor, widthOf, writeResults } from '../report/index.ts'
import { plannedSuites } from '../run/index.ts'
import type { Shard } from '../suite/index.ts'
import { namedSuites, selectionOf } from './named-suites.ts'
import { packageVersion } from './package-version.ts'

/** A run whose virtual machine has gone, and with it what it had found out. */
export interface LostRun {
  readonly names: readonly string[]
  readonly suites: readonly string[]
  readonly runtimes: readonly string[]
  readonly shard: Shard | undefined
  /** Absolute path of the directory that results.json goes to. */
  readonly output: string
  readonly startedAt: Date
}

/**
 * Writes the results of a run of which nothing is left: all of its tests are missing, and the error says why.
 *
 * @returns the exit code of a red run
 */
export async function reportBrokenMachine(error: VirtualMachineDiedError, lost: LostRun): Promise<number> {
  const named = await namedSuites(lost.suites)
  const selection = selectionOf(lost.names, named)
  const planned = plannedSuites(named.suites, { selection, shard: lost.shard }).flatMap(({ tests }) => tests)
  const host: HostFacts = { ...hostFacts(), machine: 'a virtual machine that ended' }
  const results = buildResults({
    runwright: packageVersion(),
    startedAt: lost.startedAt.toISOString(),
    wallMs: Date.now() - lost.startedAt.getTime(),
    ...{ host, catalogue: named.catalogue, runtimes: [], tests: [], leaks: [] },
    errors: [error.message],
    planned: planned.length * lost.runtimes.length,
  })
  const written = await writeResults(lost.output, results)
  const style = { paint: paintFor(process.stdout, process.env), width: widthOf(process.stdout) }
  process.stdout.write(`${describeRun(results, named.catalogue, { ...style, verbose: false })}\n`)
  process.stdout.write(`results: ${written}\n`)
  return 1
}
