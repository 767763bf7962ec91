import type { Command } from 'commander'
import { paintFor, widthOf } from '../report/index.ts'
import { describeHost } from './describe-host.ts'
import { examineHost } from './examine-host.ts'

/** Adds `runwright doctor` to the command line. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say what of the suites this host can run, what it will skip, and what to do about it')
    .option('--all', 'list also the needs that are met, and those that no test asks for', false)
    .option('--json', 'print what was found as JSON', false)
    .addHelpText('after', '\nExits with 2 when nothing can be run here.')
    .action(async (options: { readonly all: boolean; readonly json: boolean }) => {
      const examination = await examineHost()
      const text = options.json
        ? JSON.stringify(examination, undefined, 2)
        : describeHost(examination, {
            paint: paintFor(process.stdout, process.env),
            width: widthOf(process.stdout),
            all: options.all,
          })
      process.stdout.write(`${text}\n`)
      process.exitCode = examination.obstacles.length === 0 ? 0 : 2
    })
}
