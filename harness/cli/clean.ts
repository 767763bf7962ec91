import type { Command } from 'commander'
import { type CleanReport, cleanDeadSessions, type SessionCleaning } from '../guard/index.ts'
import { type Cell, columns, type Paint, paintFor, widthOf } from '../report/index.ts'
import { parsePositive } from './numbers.ts'

interface CleanCommandOptions {
  readonly deadline: number
  readonly kept: boolean
  readonly json: boolean
}

/** Adds `runwright clean` to the command line. */
export function addCleanCommand(program: Command): void {
  program
    .command('clean')
    .description('remove what dead runs have left: containers, processes, cgroups, mounts, files')
    .option('--deadline <seconds>', 'when to give up', parsePositive, 60)
    .option('--kept', "also what 'runwright run --keep' has kept", false)
    .option('--json', 'print what was done as JSON', false)
    .addHelpText(
      'after',
      '\nRuns that are alive are left alone. Exits with 1 when something could not be removed.',
    )
    .action(async ({ deadline, kept, json }: CleanCommandOptions) => {
      const report = await cleanDeadSessions({ deadlineMs: deadline * 1000, kept })
      const text = json
        ? JSON.stringify(report, undefined, 2)
        : describeCleaning(report, paintFor(process.stdout, process.env), widthOf(process.stdout))
      process.stdout.write(`${text}\n`)
      process.exitCode = isClean(report) ? 0 : 1
    })
}

/** Whether nothing of a dead run is left. */
export function isClean({ sessions, remaining }: CleanReport): boolean {
  return (
    remaining.length === 0 && sessions.every(({ outcome }) => outcome !== 'incomplete' && outcome !== 'busy')
  )
}

const outcomes = {
  cleaned: { text: 'cleaned', meaning: 'pass' },
  incomplete: { text: 'something is left', meaning: 'fail' },
  busy: { text: 'is being cleaned by another process', meaning: 'fail' },
  gone: { text: 'was gone', meaning: 'faint' },
  kept: { text: "was kept, '--kept' removes it", meaning: 'faint' },
  alive: { text: 'is running, left alone', meaning: 'faint' },
} as const

/** What became of each session, what was in it and what is left. */
export function describeCleaning(
  { sessions, refused, remaining }: CleanReport,
  paint: Paint,
  width: number,
): string {
  const rows = [
    ...sessions.map((session) => sessionRow(session, paint)),
    ...refused.map(({ path, reason }) => [{ text: path }, { text: 'left alone' }, { text: reason }]),
    ...remaining.map(({ kind, what, reason }) => [
      { text: what },
      { text: 'is left', paint: (text: string) => paint('fail', text) },
      { text: `${kind}: ${reason}` },
    ]),
  ]
  return rows.length === 0 ? 'Nothing was left by any run.' : columns(rows, width)
}

function sessionRow({ directory, outcome, removed, remaining }: SessionCleaning, paint: Paint): Cell[] {
  const { text, meaning } = outcomes[outcome]
  const details = [
    ...removed.map(({ kind, what }) => `removed ${kind} ${what}`),
    ...remaining.map(({ kind, what, reason }) => `left ${kind} ${what}: ${reason}`),
  ]
  return [
    { text: directory },
    { text, paint: (plain) => paint(meaning, plain) },
    { text: details.join('\n') },
  ]
}
