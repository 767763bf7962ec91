import { dirname, relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import {
  describeRun,
  paintFor,
  type ReportFormatName,
  readResults,
  reportFormatNames,
  reportFormats,
  resultsFileAt,
  toldFrom,
  widthOf,
  writeWhole,
} from '../report/index.ts'
import { shippedSuites } from './named-suites.ts'

interface ReportOptions {
  readonly format: ReportFormatName
  readonly output?: string
  readonly verbose: boolean
}

/** Adds `runwright report` to the command line. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('tell the results of a run again, in another form')
    .argument('[path]', 'an output directory, or a results.json', 'output')
    .addOption(
      new Option('--format <name>', 'the form of the report').choices(reportFormatNames).default('text'),
    )
    .option('--output <file>', 'where the report goes; printed without')
    .option('--verbose', 'as text, also tell why tests were skipped and which deviations showed', false)
    .action(async (path: string, options: ReportOptions) => {
      await report(path, options)
    })
}

async function report(path: string, { format, output, verbose }: ReportOptions): Promise<void> {
  const { catalogue } = await shippedSuites()
  const place = output === undefined ? process.cwd() : dirname(resolve(output))
  const directory = relative(place, dirname(await resultsFileAt(resolve(path))))
  const results = toldFrom(directory, await readResults(resolve(path)))
  if (output !== undefined) {
    await writeWhole(resolve(output), reportFormats[format].write(results, catalogue))
  } else if (format === 'text') {
    const style = { paint: paintFor(process.stdout, process.env), width: widthOf(process.stdout) }
    process.stdout.write(`${describeRun(results, catalogue, { ...style, verbose })}\n`)
  } else {
    process.stdout.write(reportFormats[format].write(results, catalogue))
  }
}
