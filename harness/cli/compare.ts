import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  type Comparison,
  compareResults,
  describeComparison,
  paintFor,
  readResults,
  widthOf,
} from '../report/index.ts'
import { shippedSuites } from './named-suites.ts'

/** Adds `runwright compare` to the command line. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('tell what is different between two runs; exits with 1 when something regressed')
    .argument('<old>', 'an output directory, or a results.json')
    .argument('<new>', 'the later one, or that of another runtime')
    .option('--json', 'print the differences as JSON', false)
    .action(async (before: string, after: string, { json }: { readonly json: boolean }) => {
      const comparison = compareResults(await readResults(resolve(before)), await readResults(resolve(after)))
      process.stdout.write(
        `${json ? JSON.stringify(comparison, undefined, 2) : await describe(comparison)}\n`,
      )
      process.exitCode = comparison.regressions.length > 0 ? 1 : 0
    })
}

async function describe(comparison: Comparison): Promise<string> {
  const { catalogue } = await shippedSuites()
  return describeComparison(comparison, catalogue, {
    paint: paintFor(process.stdout, process.env),
    width: widthOf(process.stdout),
  })
}
