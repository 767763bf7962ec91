import { randomUUID } from 'node:crypto'
import { relative } from 'node:path'
import {
  annotations,
  describeRun,
  deviationsText,
  isGreen,
  type Results,
  recordFailures,
  toldFrom,
  widthOf,
  withoutWorkflowCommands,
  writeReports,
  writeResults,
  writeWhole,
} from '../report/index.ts'
import type { Deviation, Requirement } from '../suite/index.ts'
import type { RunRequest, RunTerminal } from './run-request.ts'

/** What the results of a run are told with. */
interface PublishContext {
  readonly request: RunRequest
  readonly terminal: RunTerminal
  readonly catalogue: ReadonlyMap<string, Requirement>
  /** What the list of `--update-deviations` held before the run. */
  readonly known: readonly Deviation[]
}

/**
 * Writes results.json and the reports, prints what a person needs to know, and updates the list of deviations: all that
 * was asked for.
 *
 * @returns the exit code: 0 green, 1 red
 */
export async function publishRun(results: Results, context: PublishContext): Promise<number> {
  const { request, terminal, catalogue, known } = context
  const written = [
    await writeResults(request.output, results),
    ...(await writeReports(request.output, request.reports, results, catalogue)),
  ]
  terminal.output.write(`${textOf(results, context)}\n`)
  if (request.form === 'text') terminal.output.write(`results: ${written.join(', ')}\n`)
  if (request.updateDeviations !== undefined) {
    const list = recordFailures(results, known)
    await writeWhole(request.updateDeviations, deviationsText(list))
    terminal.progress.write(
      `deviations: ${list.length} in ${request.updateDeviations}; fill in the reasons\n`,
    )
  }
  return isGreen(results) ? 0 : 1
}

function textOf(results: Results, { request, terminal, catalogue }: PublishContext): string {
  if (request.form === 'json') return JSON.stringify(results)
  const { paint, output, isWorkflow } = terminal
  const told = toldFrom(relative('.', request.output), results)
  const text = describeRun(told, catalogue, { paint, width: widthOf(output), verbose: request.verbose })
  if (!isWorkflow) return text
  return [withoutWorkflowCommands(text, randomUUID()), annotations(results, catalogue)].join('\n')
}
