import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Cell, columns, indented, paintFor, widthOf } from '../report/index.ts'
import { deviationsFile, ownSuite, type Starter, workflows } from './starter-files.ts'
import { type StartedFile, writeStarter } from './write-starter.ts'

/** Adds `runwright init` to the command line. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description("write first tests, and what runs them, into a runtime's repository")
    .argument('[directory]', 'the repository', '.')
    .addOption(
      new Option('--runtime <name or path>', 'the runtime, as seen from the repository')
        .default('runc')
        .argParser(parseRuntime),
    )
    .addOption(
      new Option('--workflow <service>', 'whose workflow to write').default('github').choices(workflows),
    )
    .addHelpText('after', '\nWhat is there already stays as it is.')
    .action((directory: string, starter: Starter) => {
      const text = describeStart(directory, starter, writeStarter(directory, starter))
      process.stdout.write(`${text}\n`)
    })
}

/** What can stand in a shell command, a workflow and a program without quotes. */
const plainWord = /^[\w./][\w./@+-]*$/

function parseRuntime(value: string): string {
  if (plainWord.test(value)) return value
  throw new InvalidArgumentError(
    'a name or a path of letters, digits and _ . / @ + - is wanted; call it so, and edit the files afterwards',
  )
}

function describeStart(directory: string, starter: Starter, files: readonly StartedFile[]): string {
  const width = widthOf(process.stdout)
  const fates = files.map(({ path, left }) => [left === undefined ? 'written' : 'left', path, left ?? ''])
  const title = directory === '.' ? 'Next' : `Next, in ${directory}`
  return [
    columns(cells(fates), width),
    '',
    paintFor(process.stdout, process.env)('strong', title),
    indented(columns(cells(nextSteps(directory, starter, files)), width - margin.length), margin),
  ].join('\n')
}

const margin = '  '

function cells(rows: readonly (readonly string[])[]): Cell[][] {
  return rows.map((row) => row.map((text) => ({ text })))
}

/** npm takes the newest, which Node 20 is too old for. */
const runner = process.version.startsWith('v20.') ? 'vitest@4' : 'vitest'

function nextSteps(directory: string, { runtime }: Starter, files: readonly StartedFile[]): string[][] {
  const hasOwnManifest = files.some(({ path, left }) => path === 'package.json' && left !== undefined)
  const isUnbuilt = runtime.includes('/') && !existsSync(resolve(directory, runtime))
  const run = `sudo npx runwright run --runtime ${runtime}`
  return [
    ...(isUnbuilt ? [[`build ${runtime}`, 'it is not there yet']] : []),
    [hasOwnManifest ? `npm install --save-dev runwright ${runner}` : 'npm install', ''],
    ['sudo npx runwright doctor', 'what this host lacks, and how to get it'],
    ['sudo npx vitest run', 'your own tests and a few shipped suites'],
    [`${run} --suites ${ownSuite}`, 'your own, with results, and a repro.sh for each red one'],
    [`${run} --update-deviations ${deviationsFile}`, 'all suites; what fails today is recorded'],
    [`${run} --deviations ${deviationsFile}`, 'red from then on where something got worse'],
  ]
}
