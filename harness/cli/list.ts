import type { Command } from 'commander'
import { paintFor, widthOf } from '../report/index.ts'
import { describeRequirements, describeTests } from './describe-list.ts'
import { listRequirements, listTests } from './list-suites.ts'
import { addSuitesOption } from './named-suites.ts'

interface ListOptions {
  readonly suites?: readonly string[]
  readonly requirements: boolean
  readonly json: boolean
}

/** Adds `runwright list` to the command line. */
export function addListCommand(program: Command): void {
  addSuitesOption(program.command('list'))
    .description('list the tests, or the requirements they cover')
    .argument('[names...]', 'suites and test ids; with --requirements areas and requirement ids')
    .option(
      '--requirements',
      'list the requirements of the specification instead, with the tests of each',
      false,
    )
    .option('--json', 'print the list as JSON', false)
    .action(async (names: readonly string[], options: ListOptions) => {
      process.stdout.write(`${await list(names, options)}\n`)
    })
}

async function list(
  names: readonly string[],
  { suites = [], requirements, json }: ListOptions,
): Promise<string> {
  const options = { paint: paintFor(process.stdout, process.env), width: widthOf(process.stdout) }
  if (requirements) {
    const listed = await listRequirements(names, suites)
    return json ? JSON.stringify(listed, undefined, 2) : describeRequirements(listed, options)
  }
  const listed = await listTests(names, suites)
  return json ? JSON.stringify(listed, undefined, 2) : describeTests(listed, options)
}
