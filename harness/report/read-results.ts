import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { RunwrightError } from '../host/index.ts'
import { type Results, resultsFormat, resultsSchema } from './results.ts'

/** There are no results at a path, or none that this version can read. */
export class ResultsError extends RunwrightError {
  override readonly code = 'RESULTS'
}

/**
 * Reads what a run wrote.
 *
 * @param path a results.json, or the output directory that holds one
 * @throws ResultsError naming the file and what is wrong with it
 */
export async function readResults(path: string): Promise<Results> {
  const file = await resultsFileAt(path)
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new ResultsError(`${file} cannot be read: ${cause.message}`, { cause })
  })
  return parseResults(text, file)
}

/**
 * The file of results at a path, which need not hold any.
 *
 * @param path a results.json, or the output directory that holds one
 * @throws ResultsError where there is nothing
 */
export async function resultsFileAt(path: string): Promise<string> {
  const found = await stat(path).catch((cause: Error) => {
    throw new ResultsError(
      `there are no results at ${path}: 'runwright run --output DIRECTORY' writes them, and the directory or its ` +
        'results.json is wanted here',
      { cause },
    )
  })
  return found.isDirectory() ? join(path, 'results.json') : path
}

/**
 * Reads results from the text of a JSON file.
 *
 * @param source the file's name, for the error
 * @throws ResultsError
 */
export function parseResults(text: string, source: string): Results {
  const value = parseJson(text, source)
  const format = v.safeParse(v.object({ schema: v.string() }), value)
  if (!format.success) throw new ResultsError(`${source} holds no results of a run: it has no 'schema'`)
  if (format.output.schema !== resultsFormat) {
    throw new ResultsError(
      `${source} is of the format '${format.output.schema}', and this version of Runwright reads '${resultsFormat}': ` +
        'read it with the version that wrote it',
    )
  }
  const parsed = v.safeParse(resultsSchema, value)
  if (parsed.success) return parsed.output
  throw new ResultsError(`${source} holds no results of a run:\n${problems(parsed.issues).join('\n')}`)
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ResultsError(`${source} is not JSON; was it cut off? ${String(cause)}`, { cause })
  }
}

const shownProblems = 10

function problems(issues: readonly v.BaseIssue<unknown>[]): string[] {
  const lines = issues.map((issue) => `  ${v.getDotPath(issue) ?? '(file)'}: ${issue.message}`)
  if (lines.length <= shownProblems) return lines
  return [...lines.slice(0, shownProblems), `  and ${lines.length - shownProblems} more`]
}
