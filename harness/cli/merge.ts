import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import {
  isGreen,
  mergeResults,
  type Results,
  readResults,
  resultsFileAt,
  writeResults,
} from '../report/index.ts'

/** Adds `runwright merge` to the command line. */
export function addMergeCommand(program: Command): void {
  program
    .command('merge')
    .description(
      'put the results of shards, or of runs of several runtimes, together as if it had been one run',
    )
    .argument('<paths...>', 'output directories, or results.json files')
    .requiredOption('--output <directory>', 'where results.json goes')
    .action(async (paths: readonly string[], { output }: { readonly output: string }) => {
      process.exitCode = await merge(paths, resolve(output))
    })
}

/** @returns the exit code that the one run would have had */
async function merge(paths: readonly string[], output: string): Promise<number> {
  const parts = await Promise.all(
    paths.map(async (name) => ({ name, results: await readResults(resolve(name)) })),
  )
  const merged = mergeResults(parts)
  const strangers = parts.filter(({ results }) => !isDeepStrictEqual(results.host, merged.host))
  if (strangers.length > 0) {
    const names = strangers.map(({ name }) => name).join(', ')
    process.stderr.write(
      `runwright: ${names} ran on another kind of host than ${paths[0]}, whose facts are kept\n`,
    )
  }
  for (const { name, results } of parts) await copyArtifacts(resolve(name), results, output)
  process.stdout.write(`results: ${await writeResults(output, merged)}\n`)
  return isGreen(merged) ? 0 : 1
}

/** The directories of red tests are named below that of results.json, and no two parts have the same. */
async function copyArtifacts(path: string, { tests }: Results, output: string): Promise<void> {
  const directory = dirname(await resultsFileAt(path))
  // A run on several kernels has one for each: `kernel-6.1/artifacts/runc/…`.
  const places = new Set(
    tests.flatMap(({ artifacts }) => /^(?:.*?\/)?artifacts(?=\/)/.exec(artifacts ?? '') ?? []),
  )
  for (const place of places) {
    const from = join(directory, place)
    if (existsSync(from)) await cp(from, join(output, place), { recursive: true })
  }
}
